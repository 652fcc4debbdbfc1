with

person_map as (select * from {{ derived('person_map') }}),

final as (

    select
        record_id,
        customer_id,
        cluster_size
    from person_map

)

select * from final
