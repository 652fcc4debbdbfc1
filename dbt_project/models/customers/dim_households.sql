with

customers as (

    select * from {{ ref('dim_customers') }}
    where household_id is not null and not deceased and not address_lost

),

final as (

    select
        household_id,
        min(family_name) as family_name,
        min(street) as street,
        min(house_number) as house_number,
        min(postal_code) as postal_code,
        min(city) as city,
        min(country_code) as country_code,
        count(*) as member_count,
        min(first_seen_at) as first_seen_at
    from customers
    group by household_id

)

select * from final
