select * from {{ union_mapped('consents') }}
