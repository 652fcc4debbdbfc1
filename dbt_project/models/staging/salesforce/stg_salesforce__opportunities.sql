with source as (

    select *
    from {{ latest_version(
        raw('salesforce', 'opportunities'),
        key='id', updated='system_modstamp', tombstones=true
    ) }}

),

renamed as (

    select
        id as opportunity_id,
        {{ trimmed('name') }} as name,
        contact_id,
        {{ trimmed('stage_name') }} as stage_name,
        amount,
        probability,
        close_date,
        is_closed,
        is_won,
        {{ trimmed('loss_reason_c') }} as lost_reason,
        {{ trimmed('dealer_code_c') }} as dealer_code,
        {{ trimmed('model_c') }} as model,
        created_date as created_at,
        system_modstamp as updated_at
    from source

)

select * from renamed
