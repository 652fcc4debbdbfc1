select * from {{ union_mapped('destination_contacts') }}
