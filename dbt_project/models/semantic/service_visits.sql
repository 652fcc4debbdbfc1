{{ union_mapped('service_visits') }}
