select * from {{ destination_contacts('dynamics365', is_active='coalesce(state_code, 0) = 0') }}
