with customers as (

    select * from {{ ref('stg_magento__customers') }}

),

addresses as (

    select * from {{ ref('stg_magento__customer_addresses') }}

),

-- One address per account: the default billing address, else the newest.
best_address as (

    select *
    from (
        select
            *,
            {{ magento_record_id('website', 'email') }} as record_id,
            row_number() over (
                partition by website, lower(trim(email))
                order by coalesce(is_default_billing, false) desc, address_id desc
            ) as address_rank
        from addresses
    ) as ranked
    where address_rank = 1

),

orders as (

    select * from {{ ref('stg_magento__orders') }}

),

accounts as (

    select
        {{ magento_record_id('website', 'email') }} as record_id,
        given_name,
        middle_name,
        family_name,
        birth_date,
        gender,
        email,
        created_at,
        updated_at
    from customers

),

-- Who ordered without an account is known by the order only.
guests as (

    select
        orders.record_id,
        max(orders.given_name) as given_name,
        null as middle_name,
        max(orders.family_name) as family_name,
        null as birth_date,
        null as gender,
        max(orders.email) as email,
        min(orders.ordered_at) as created_at,
        max(orders.ordered_at) as updated_at
    from (
        select
            *,
            {{ magento_record_id('website', 'email') }} as record_id
        from orders
        where email is not null
    ) as orders
    left join accounts
        on orders.record_id = accounts.record_id
    where accounts.record_id is null
    group by orders.record_id

),

people as (

    select * from accounts
    union all
    select * from guests

),

located as (

    select
        people.*,
        {{ clean_text('best_address.street_line') }} as clean_street_line,
        best_address.postal_code,
        best_address.city,
        best_address.phone,
        best_address.company,
        {{ clean_country_code('best_address.country_code') }} as country_code
    from people
    left join best_address
        on people.record_id = best_address.record_id

),

final as (

    select
        record_id,
        'magento' as source_system,
        'first' as data_party,
        'customer' as party_class,
        {{ clean_text('given_name') }} as given_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('family_name') }} as family_name,
        birth_date,
        case lower(gender) when 'male' then 'male' when 'female' then 'female' end as gender,
        {{ clean_email('email') }} as email,
        {{ clean_phone('phone', 'country_code') }} as phone,
        {{ street_of('clean_street_line') }} as street,
        {{ house_number_of('clean_street_line') }} as house_number,
        {{ clean_postal_code('postal_code', 'country_code') }} as postal_code,
        {{ clean_text('city') }} as city,
        country_code,
        null as language,
        {{ clean_company('company', 'family_name') }} as company,
        {{ trimmed('email') }} as email_as_written,
        {{ trimmed('phone') }} as phone_as_written,
        cast(birth_date as varchar) as birth_date_as_written,
        created_at,
        updated_at
    from located

)

select * from final
