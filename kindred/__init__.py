"""What SQL can't say: matching, scoring, recommending and the ledger. Knows no Dagster."""
