/**
 * Two schemas that benchmarks of reports are about: `tpch`, whose tables and columns are TPC-H's, and `ssb`, the Star
 * Schema Benchmark's. Few rows, the same every time. Masked: addresses, telephones and balances of customers.
 */
export const WAREHOUSE_MASKED = [
  ...["c_address", "c_phone", "c_acctbal"].map((column) => `tpch.customer.${column}`),
  ...["c_address", "c_phone"].map((column) => `ssb.customer.${column}`),
];

export const WAREHOUSE_MASKING = `
        - { columns: "tpch.customer.c_address", class: personal, mask: full }
        - { columns: "*.customer.c_phone", class: personal, mask: last4 }
        - { columns: "tpch.customer.c_acctbal", class: payment, mask: "null" }
        - { columns: "ssb.customer.c_address", class: personal, mask: full }`;

const REGIONS = "(array['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'])";
const NATIONS = `(array['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', 'EGYPT', 'ETHIOPIA', 'FRANCE', 'GERMANY', 'INDIA', 'INDONESIA', 'IRAN', 'IRAQ',
  'JAPAN', 'JORDAN', 'KENYA', 'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA', 'ROMANIA', 'SAUDI ARABIA', 'VIETNAM', 'RUSSIA', 'UNITED KINGDOM', 'UNITED STATES'])`;
const NATION_REGIONS = "(array[0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1])";

/** `mark`: in every masked text. */
export const warehouseSql = (mark: string): string => `
create schema tpch;
set search_path to tpch;
create table region (r_regionkey int primary key, r_name char(25) not null, r_comment varchar(152));
create table nation (n_nationkey int primary key, n_name char(25) not null, n_regionkey int not null references region, n_comment varchar(152));
create table supplier (s_suppkey int primary key, s_name char(25) not null, s_address varchar(40) not null, s_nationkey int not null references nation,
  s_phone char(15) not null, s_acctbal numeric(15,2) not null, s_comment varchar(101) not null);
create table customer (c_custkey int primary key, c_name varchar(25) not null, c_address varchar(40) not null, c_nationkey int not null references nation,
  c_phone char(20) not null, c_acctbal numeric(15,2) not null, c_mktsegment char(10) not null, c_comment varchar(117) not null);
create table part (p_partkey int primary key, p_name varchar(55) not null, p_mfgr char(25) not null, p_brand char(10) not null, p_type varchar(25) not null,
  p_size int not null, p_container char(10) not null, p_retailprice numeric(15,2) not null, p_comment varchar(23) not null);
create table partsupp (ps_partkey int not null references part, ps_suppkey int not null references supplier, ps_availqty int not null,
  ps_supplycost numeric(15,2) not null, ps_comment varchar(199) not null, primary key (ps_partkey, ps_suppkey));
create table orders (o_orderkey int primary key, o_custkey int not null references customer, o_orderstatus char(1) not null, o_totalprice numeric(15,2) not null,
  o_orderdate date not null, o_orderpriority char(15) not null, o_clerk char(15) not null, o_shippriority int not null, o_comment varchar(79) not null);
create table lineitem (l_orderkey int not null references orders, l_partkey int not null, l_suppkey int not null, l_linenumber int not null,
  l_quantity numeric(15,2) not null, l_extendedprice numeric(15,2) not null, l_discount numeric(15,2) not null, l_tax numeric(15,2) not null,
  l_returnflag char(1) not null, l_linestatus char(1) not null, l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null,
  l_shipinstruct char(25) not null, l_shipmode char(10) not null, l_comment varchar(44) not null, primary key (l_orderkey, l_linenumber),
  foreign key (l_partkey, l_suppkey) references partsupp);
insert into region select n, ${REGIONS}[n + 1], 'region ' || n from generate_series(0, 4) n;
insert into nation select n, ${NATIONS}[n + 1], ${NATION_REGIONS}[n + 1], 'nation ' || n from generate_series(0, 24) n;
insert into supplier select n, 'Supplier#' || lpad(n::text, 9, '0'), 'address ' || n, n % 25, 10 + n % 25 || '-555-' || n, n * 101 % 9999,
  case when n % 11 = 0 then 'slow Customer Complaints' else 'fine supplier' end from generate_series(1, 50) n;
insert into customer select n, 'Customer#' || lpad(n::text, 9, '0'), '${mark} road ' || n, n % 25, 10 + n % 25 || '-${mark}-' || n, 91827000 + n,
  (array['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD'])[1 + n % 5], 'customer ' || n from generate_series(1, 300) n;
insert into part select n, (array['forest', 'green', 'lemon', 'navy', 'plum'])[1 + n % 5] || ' part ' || n, 'Manufacturer#' || 1 + n % 5, 'Brand#' || 1 + n % 5 || 1 + n % 4,
  (array['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'])[1 + n % 6] || ' ' || (array['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED'])[1 + n % 4] || ' ' ||
  (array['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'])[1 + n % 5], 1 + n % 50, (array['SM CASE', 'MED BOX', 'LG PACK', 'JUMBO JAR', 'MED BAG', 'SM BOX'])[1 + n % 6],
  900 + n % 100, 'part' from generate_series(1, 200) n;
insert into partsupp select p, 1 + (p + s * 13) % 50, 100 + p * s % 900, 10 + p * 7 % 900, 'offer' from generate_series(1, 200) p, generate_series(0, 3) s;
insert into orders select n, 1 + n * 7 % 290, (array['F', 'O', 'P'])[1 + n % 3], 1000 + n * 37 % 400000, date '1992-01-01' + n * 13 % 2400,
  (array['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'])[1 + n % 5], 'Clerk#' || n % 20, 0,
  case when n % 9 = 0 then 'special packages requests' else 'order ' || n end from generate_series(1, 1500) n;
insert into lineitem select o_orderkey, p, 1 + (p + l * 13) % 50, l + 1, 1 + (o_orderkey * (l + 3)) % 50, 900 + (o_orderkey * 17 + l) % 90000, (o_orderkey + l) % 11 / 100.0,
  (o_orderkey + l) % 9 / 100.0, (array['A', 'N', 'R'])[1 + (o_orderkey + l) % 3], (array['F', 'O'])[1 + (o_orderkey + l) % 2], o_orderdate + 10 + l * 20, o_orderdate + 40, o_orderdate + 15 + l * 25,
  (array['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])[1 + (o_orderkey + l) % 4], (array['AIR', 'AIR REG', 'MAIL', 'SHIP', 'TRUCK', 'RAIL'])[1 + (o_orderkey + l) % 6], 'line'
  from orders, generate_series(0, 3) l, lateral (select 1 + (o_orderkey * 11 + l * 3) % 200 p) x;

create schema ssb;
set search_path to ssb;
create table date (d_datekey int primary key, d_date varchar(18), d_dayofweek varchar(9), d_month varchar(9), d_year int, d_yearmonthnum int, d_yearmonth char(7), d_weeknuminyear int);
create table customer (c_custkey int primary key, c_name varchar(25), c_address varchar(25), c_city char(10), c_nation char(15), c_region char(12), c_phone char(20), c_mktsegment char(10));
create table supplier (s_suppkey int primary key, s_name char(25), s_address varchar(25), s_city char(10), s_nation char(15), s_region char(12), s_phone char(15));
create table part (p_partkey int primary key, p_name varchar(22), p_mfgr char(6), p_category char(7), p_brand1 char(9), p_color varchar(11), p_type varchar(25), p_size int, p_container char(10));
create table lineorder (lo_orderkey int, lo_linenumber int, lo_custkey int references customer, lo_partkey int references part, lo_suppkey int references supplier,
  lo_orderdate int references date, lo_orderpriority char(15), lo_quantity int, lo_extendedprice int, lo_ordtotalprice int, lo_discount int, lo_revenue int,
  lo_supplycost int, lo_tax int, lo_commitdate int, lo_shipmode char(10), primary key (lo_orderkey, lo_linenumber));
insert into date select to_char(d, 'YYYYMMDD')::int, to_char(d, 'FMMonth DD, YYYY'), to_char(d, 'FMDay'), to_char(d, 'FMMonth'), extract(year from d), to_char(d, 'YYYYMM')::int,
  to_char(d, 'MonYYYY'), extract(week from d) from generate_series(timestamp '1992-01-01', '1998-12-31', interval '1 day') d;
insert into customer select n, 'Customer#' || n, '${mark} road ' || n, rpad(left(nation, 9), 9) || n % 10, nation, ${REGIONS}[1 + region], 10 + n % 25 || '-${mark}-' || n,
  (array['AUTOMOBILE', 'BUILDING', 'FURNITURE'])[1 + n % 3] from generate_series(1, 300) n, lateral (select ${NATIONS}[1 + n % 25] nation, ${NATION_REGIONS}[1 + n % 25] region) x;
insert into supplier select n, 'Supplier#' || n, 'address ' || n, rpad(left(nation, 9), 9) || n % 10, nation, ${REGIONS}[1 + region], 10 + n % 25 || '-555-' || n
  from generate_series(1, 100) n, lateral (select ${NATIONS}[1 + n % 25] nation, ${NATION_REGIONS}[1 + n % 25] region) x;
insert into part select n, 'part ' || n, 'MFGR#' || 1 + n % 5, 'MFGR#' || 1 + n % 5 || 1 + n % 4, 'MFGR#' || 1 + n % 5 || 1 + n % 4 || 10 + n % 30, 'green', 'type', n % 50, 'box' from generate_series(1, 200) n;
insert into lineorder select n, 1, 1 + n * 7 % 300, 1 + n * 11 % 200, 1 + n * 3 % 100, to_char(date '1992-01-01' + n * 5 % 2550, 'YYYYMMDD')::int, '1-URGENT', 1 + n % 50, 1000 + n * 13 % 90000, 5000,
  n % 11, 900 + n * 13 % 80000, 500 + n % 400, n % 9, to_char(date '1992-01-05' + n * 5 % 2540, 'YYYYMMDD')::int, 'AIR' from generate_series(1, 5000) n;
reset search_path;
grant usage on schema tpch, ssb to app;
grant select on all tables in schema tpch, ssb to app;
`;
