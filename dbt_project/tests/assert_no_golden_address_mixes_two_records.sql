select golden.customer_id
from {{ ref('int_customers__golden') }} as golden
left join {{ ref('bridge_customer_records') }} as bridge on golden.customer_id = bridge.customer_id
left join {{ ref('person_records') }} as records
    on
        bridge.record_id = records.record_id
        and golden.street is not distinct from records.street
        and golden.house_number is not distinct from records.house_number
        and golden.postal_code is not distinct from records.postal_code
        and golden.city is not distinct from records.city
        and golden.country_code is not distinct from records.country_code
where golden.postal_code is not null and not golden.is_address_pinned
group by golden.customer_id
having count(records.record_id) = 0
