"""psycopg 3 in each of its ways of working, and psycopg2: a line for each case, its name and what came of it."""

import asyncio
import io
import json

import psycopg
import psycopg2
import psycopg2.extras
from psycopg.rows import dict_row


def show(name, made):
    try:
        result = made()
    except (psycopg.Error, psycopg2.Error) as error:
        diag = error.diag
        result = ["error", error.sqlstate if isinstance(error, psycopg.Error) else error.pgcode, diag.severity, diag.message_primary]
        result += [diag.message_detail, diag.message_hint, diag.statement_position, diag.context, diag.constraint_name, diag.source_function]
    print(f"{name}\t{json.dumps(result, default=plain)}", flush=True)


def plain(value):
    """As Python writes it, but for what has an address."""
    return repr(bytes(value) if isinstance(value, memoryview) else value)


TYPES = (
    "select 1::int2, 2::int8, 1.5::float8, 'NaN'::numeric, 12.50::numeric, true, 'x'::text, '\\x0001'::bytea, "
    "date '2026-11-26', time '12:34', timestamptz '2026-01-01 00:00Z', interval '1 day 2 hours', '{1,2,NULL}'::int[], "
    "'{\"a\": [1]}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, inet '10.0.0.1/8', int4range(1, 5), null, "
    "row(1, 'a'), '{[1,3)}'::int4multirange"
)


def psycopg3():
    conn = psycopg.connect(autocommit=True)
    cur = conn.cursor()
    show("psycopg: libpq", lambda: psycopg.pq.version())
    show("psycopg: parameters of the server", lambda: [conn.info.parameter_status(each) for each in (
        "server_version", "server_encoding", "client_encoding", "is_superuser", "DateStyle", "IntervalStyle", "TimeZone",
        "integer_datetimes", "standard_conforming_strings")])
    show("psycopg: types in text", lambda: cur.execute(TYPES).fetchall())
    show("psycopg: types in binary", lambda: conn.cursor(binary=True).execute(TYPES).fetchall())
    show("psycopg: parameters", lambda: cur.execute("select %s::int + %s, %s::text, %s::jsonb", (1, 2, "ü", '{"a":1}')).fetchall())
    show("psycopg: parameters in binary", lambda: cur.execute("select %b::bytea, %b::int4", (b"\x00\xff", 7)).fetchall())
    show("psycopg: rows as dictionaries", lambda: conn.cursor(row_factory=dict_row).execute("select id, label from items order by id limit 3").fetchall())
    show("psycopg: description", lambda: [(each.name, each.type_code, each.internal_size) for each in cur.execute("select * from items").description])
    show("psycopg: executemany", lambda: [cur.executemany("select %s::int * 2", [(n,) for n in range(5)], returning=True), cur.fetchall(), cur.nextset(), cur.fetchall()])
    show("psycopg: prepared after five times", lambda: [cur.execute("select %s::int", (n,), prepare=True).fetchone() for n in range(8)])
    show("psycopg: an error", lambda: cur.execute("select 1/0"))
    show("psycopg: an error with its place", lambda: cur.execute("select nothing from items"))
    show("psycopg: a unique error", lambda: cur.execute("insert into items(id, label) values (1, 'again')"))
    show("psycopg: several statements", lambda: cur.execute("select 1; select 2").fetchall() + (cur.nextset() and cur.fetchall()))

    def transaction():
        found = []
        try:
            with conn.transaction():
                cur.execute("create temp table tx(a int)")
                try:
                    with conn.transaction():
                        cur.execute("insert into tx values (1)")
                        raise psycopg.Rollback
                except psycopg.Rollback:
                    pass
                found.append(cur.execute("select count(*) from tx").fetchone())
                cur.execute("select 1/0")
        except psycopg.errors.DivisionByZero as error:
            found.append(str(error))
        return found + [conn.info.transaction_status.name]

    show("psycopg: transactions in transactions", transaction)

    def server_side():
        with conn.transaction(), conn.cursor(name="mine") as named:
            named.itersize = 7
            named.execute("select n from generate_series(1, 30) n")
            rows = [each for each in named]
            named.scroll(0, mode="absolute")
            return rows + named.fetchmany(3)

    show("psycopg: a cursor of the server's", server_side)

    def pipeline():
        with conn.pipeline() as pipe:
            cursors = [conn.execute("select %s::int", (n,)) for n in range(20)]
            pipe.sync()
            return [each.fetchone() for each in cursors]

    show("psycopg: a pipeline", pipeline)

    def pipeline_failing():
        found = []
        with psycopg.connect(autocommit=True) as own:
            try:
                with own.pipeline():
                    own.execute("select 1")
                    own.execute("select 1/0")
                    own.execute("select 2")
            except psycopg.Error as error:
                found.append([error.sqlstate, str(error)])
            found.append(own.execute("select 'on'").fetchone())
        return found

    show("psycopg: a pipeline with an error", pipeline_failing)

    def copying():
        cur.execute("create temp table co(a int, b text, c bytea)")
        with cur.copy("copy co from stdin") as copy:
            for n in range(1000):
                copy.write_row((n, f"row {n}\t\\", bytes([n % 256])))
        with cur.copy("copy co to stdout (format binary)") as copy:
            copy.set_types(["int4", "text", "bytea"])
            rows = list(copy.rows())
        with cur.copy("copy (select * from co order by a limit 3) to stdout csv") as copy:
            return [len(rows), rows[999], b"".join(copy)]

    show("psycopg: copying in and out", copying)

    def copy_failing():
        with cur.copy("copy co from stdin") as copy:
            copy.write("x\t1\t2\n")

    show("psycopg: copying that fails", copy_failing)

    def copy_broken_off():
        with cur.copy("copy co from stdin"):
            raise ValueError("mine")

    def broken_off():
        try:
            copy_broken_off()
        except ValueError as error:
            return [str(error), conn.info.transaction_status.name]

    show("psycopg: copying that its client breaks off", broken_off)

    def notices():
        said = []
        conn.add_notice_handler(lambda diag: said.append([diag.severity, diag.message_primary]))
        cur.execute("do $$ begin raise notice 'one'; raise warning 'two'; end $$")
        return said

    show("psycopg: notices", notices)

    def notified():
        cur.execute("listen here")
        cur.execute("notify here, 'a'; notify here, 'b'")
        return [(each.channel, each.payload) for each in conn.notifies(timeout=5, stop_after=2)]

    show("psycopg: notifications", notified)
    show("psycopg: two phases refused", lambda: conn.execute("prepare transaction 'x'").statusmessage)
    show("psycopg: streamed row by row", lambda: [each for each in conn.cursor().stream("select n from generate_series(1, 5) n")])

    def cancelled():
        with psycopg.connect(autocommit=True) as own:
            timer = __import__("threading").Timer(0.3, own.cancel_safe)
            timer.start()
            own.execute("select pg_sleep(60)")

    show("psycopg: a statement that is cancelled", cancelled)
    show("psycopg: a row of 10 MB", lambda: len(cur.execute("select repeat('x', 10000000)").fetchone()[0]))
    show("psycopg: 1600 parameters", lambda: len(cur.execute("select " + ",".join(["%s::int2"] * 1600), tuple(range(1600))).fetchone()))
    conn.close()


async def psycopg3_async():
    conn = await psycopg.AsyncConnection.connect(autocommit=True)
    rows = await (await conn.execute("select id, label from items order by id limit 2")).fetchall()
    print(f"psycopg async: rows\t{json.dumps(rows)}", flush=True)
    async with conn.pipeline():
        cursors = [await conn.execute("select %s::int", (n,)) for n in range(5)]
        found = [await each.fetchone() for each in cursors]
    print(f"psycopg async: a pipeline\t{json.dumps(found)}", flush=True)
    many = await asyncio.gather(*(one(n) for n in range(5)))
    print(f"psycopg async: five at once\t{json.dumps(many)}", flush=True)
    await conn.close()


async def one(n):
    async with await psycopg.AsyncConnection.connect() as conn:
        return await (await conn.execute("select %s::int", (n,))).fetchone()


def with_psycopg2():
    conn = psycopg2.connect("")
    conn.autocommit = True
    cur = conn.cursor()

    def rows(sql, *more):
        cur.execute(sql, *more)
        return cur.fetchall()

    show("psycopg2: types", lambda: rows(TYPES))
    show("psycopg2: parameters", lambda: rows("select %s, %s, %s", (1, "it's", [1, 2])))
    show("psycopg2: an error", lambda: rows("select nothing from items"))
    show("psycopg2: execute_values", lambda: psycopg2.extras.execute_values(cur, "select * from (values %s) v", [(1, "a"), (2, "b")], fetch=True))

    def named():
        own = psycopg2.connect("")
        with own, own.cursor("n") as inner:
            inner.itersize = 4
            inner.execute("select generate_series(1, 10)")
            return list(inner)

    show("psycopg2: a cursor of the server's", named)

    def copied():
        cur.execute("create temp table c2(a int, b text)")
        cur.copy_expert("copy c2 from stdin csv", io.StringIO("1,a\n2,b\n"))
        out = io.StringIO()
        cur.copy_expert("copy c2 to stdout", out)
        return out.getvalue()

    show("psycopg2: copying", copied)

    def large_objects():
        own = psycopg2.connect("")
        with own:
            large = own.lobject(0, "wb")
            large.write(b"0123456789" * 100_000)
            large.seek(5)
            large.truncate(500_000)
            oid = large.oid
            large.close()
            again = own.lobject(oid, "rb")
            again.seek(499_990)
            read = again.read()
            again.unlink()
            return [len(read), repr(read[:10]), again.closed]

    show("psycopg2: large objects", large_objects)
    show("psycopg2: notices", lambda: [cur.execute("do $$ begin raise notice 'said'; end $$"), conn.notices][1])


psycopg3()
asyncio.run(psycopg3_async())
with_psycopg2()
