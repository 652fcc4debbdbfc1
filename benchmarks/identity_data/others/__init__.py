"""Labelled sets of other trades than the one that Kindred was built beside.

`recipes` names the sets; `history` (people of whom encyclopaedias write), `voters` (a register of
families) and `business` (colleagues in firms) each yield people and what was written of them;
`drawing` is what they draw with. One person at a time, in plain Python: a set has some 20,000
records, so that clarity is worth more than speed.

Belongs here: sets whose traits the other generators lack, such as a father and a son of one name.
Does not belong here: sets of any size (`people`), other people's data (`public`).
"""
