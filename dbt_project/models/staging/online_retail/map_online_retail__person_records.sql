-- The shop knows its customers by number and country only. Of several countries (8 customers) the
-- one invoiced last counts.
with invoice_lines as (

    select * from {{ ref('stg_online_retail__invoice_lines') }}

),

countries as (

    select * from {{ ref('country_names') }}

),

customers as (

    select
        customer_number,
        {{ last_value_by('country', 'invoiced_at') }} as country,
        min(invoiced_at) as created_at,
        max(invoiced_at) as updated_at
    from invoice_lines
    where customer_number is not null
    group by customer_number

),

final as (

    select
        'online_retail:' || customers.customer_number as record_id,
        'online_retail' as source_system,
        'first' as data_party,
        'customer' as party_class,
        null as given_name,
        null as middle_name,
        null as family_name,
        null as birth_date,
        null as gender,
        null as email,
        null as phone,
        null as street,
        null as house_number,
        null as postal_code,
        null as city,
        countries.country_code,
        null as language,
        null as company,
        null as email_as_written,
        null as phone_as_written,
        null as birth_date_as_written,
        customers.created_at,
        customers.updated_at
    from customers
    left join countries
        on {{ country_key('customers.country') }} = countries.written_as

)

select * from final
