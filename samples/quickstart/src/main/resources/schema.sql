create table if not exists billing (
    id integer primary key,
    runs bigint not null,
    fencing_token bigint not null
);

insert into billing (id, runs, fencing_token)
select 1, 0, 0 where not exists (select 1 from billing);
