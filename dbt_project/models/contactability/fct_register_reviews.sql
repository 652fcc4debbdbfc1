with

matches as (

    select * from {{ ref('int_contactability__register_matches') }}
    where outcome = 'review'

),

entries as (select * from {{ ref('register_entries') }}),

dim_customers as (select * from {{ ref('dim_customers') }}),

final as (

    select
        matches.review_id,
        matches.register,
        matches.entry_id,
        matches.customer_id,
        matches.record_id,
        matches.weight,
        matches.probability,
        matches.evidence,
        matches.reason,
        matches.effective_on,
        entries.given_names as entry_given_names,
        entries.family_name as entry_family_name,
        entries.birth_date as entry_birth_date,
        entries.phone as entry_phone,
        entries.street as entry_street,
        entries.house_number as entry_house_number,
        entries.postal_code as entry_postal_code,
        entries.city as entry_city,
        dim_customers.given_name,
        dim_customers.family_name,
        dim_customers.birth_date,
        dim_customers.email,
        dim_customers.phone,
        dim_customers.street,
        dim_customers.house_number,
        dim_customers.postal_code,
        dim_customers.city
    from matches
    inner join entries on matches.entry_id = entries.entry_id
    left join dim_customers on matches.customer_id = dim_customers.customer_id

)

select * from final
