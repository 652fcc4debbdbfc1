with source as (

    select *
    from {{ latest_version(
        raw('dynamics365', 'accounts'),
        key='accountid', updated='modifiedon', tombstones=true
    ) }}

),

renamed as (

    select
        accountid as account_id,
        {{ trimmed('name') }} as name,
        {{ trimmed('accountnumber') }} as dealer_code,
        {{ trimmed('address1_city') }} as city,
        {{ trimmed('address1_country') }} as country,
        statecode as state_code,
        createdon as created_at,
        modifiedon as updated_at
    from source

)

select * from renamed
