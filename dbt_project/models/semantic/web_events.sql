{{ union_mapped('web_events') }}
