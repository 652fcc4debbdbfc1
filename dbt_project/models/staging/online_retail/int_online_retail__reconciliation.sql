with raw_lines as (

    select distinct
        _file,
        _row,
        quantity,
        unit_price
    from {{ raw('online_retail', 'online_retail') }}

),

file_total as (

    select
        count(*) as file_lines,
        cast(sum(cast(quantity * unit_price as decimal(18, 2))) as decimal(18, 2)) as file_revenue
    from raw_lines

),

line_total as (

    select
        count(*) as order_lines,
        cast(sum(net_amount) as decimal(18, 2)) as line_revenue
    from {{ ref('order_lines') }}
    where source_system = 'online_retail'

),

order_total as (

    select
        count(*) as orders,
        cast(sum(net_amount) as decimal(18, 2)) as order_revenue
    from {{ ref('orders') }}
    where source_system = 'online_retail'

),

final as (

    select
        file_total.file_lines,
        line_total.order_lines,
        order_total.orders,
        file_total.file_revenue,
        line_total.line_revenue,
        order_total.order_revenue,
        coalesce(file_total.file_revenue = line_total.line_revenue, file_total.file_lines = 0)
        and coalesce(file_total.file_revenue = order_total.order_revenue, file_total.file_lines = 0)
            as reconciles
    from file_total
    cross join line_total
    cross join order_total

)

select * from final
