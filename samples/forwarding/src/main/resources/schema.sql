create table if not exists orders (
    id uuid primary key,
    number bigint not null unique,
    fencing_token bigint not null
);

create table if not exists order_fence (
    id integer primary key,
    fencing_token bigint not null
);

insert into order_fence (id, fencing_token)
select 1, 0 where not exists (select 1 from order_fence);
