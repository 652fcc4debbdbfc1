{{ union_mapped('enrichment') }}
