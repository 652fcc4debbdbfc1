"""What SQL can't say: matching, scoring, recommending and the ledger. Knows no Dagster."""

from kindred.processor import spare_zen_4

spare_zen_4()
