create table if not exists billing (
    id integer primary key,
    runs bigint not null,
    fencing_token bigint not null
);

insert into billing (id, runs, fencing_token) values (1, 0, 0) on conflict do nothing;
