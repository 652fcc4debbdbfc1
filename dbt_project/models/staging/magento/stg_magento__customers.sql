with source as (

    select *
    from {{ latest_version(
        raw('magento', 'customers'),
        key='website, lower(trim(email))', updated='updated_at', files=true
    ) }}

),

renamed as (

    select
        {{ trimmed('email') }} as email,
        website,
        store,
        created_at,
        updated_at,
        dob as birth_date,
        {{ trimmed('firstname') }} as given_name,
        {{ trimmed('middlename') }} as middle_name,
        {{ trimmed('lastname') }} as family_name,
        {{ trimmed('gender') }} as gender,
        group_id
    from source

)

select * from renamed
