{{ union_mapped('email_events') }}
