{{ union_mapped('consents') }}
