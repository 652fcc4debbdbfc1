select * from {{ union_mapped('campaigns') }}
