select * from {{ union_mapped('enrichment') }}
