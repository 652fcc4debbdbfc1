"""Reading: from what sources write to what can be compared.

Belongs here: normal forms of names, dates, phones, emails and addresses, and what stands for
"unknown". Does not belong here: any pair of records.
"""
