select * from {{ destination_contacts('dynamics365') }}
