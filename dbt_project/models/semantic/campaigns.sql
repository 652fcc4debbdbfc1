{{ union_mapped('campaigns') }}
