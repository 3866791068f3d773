// pgx: a line for each case, its name and what came of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var background = context.Background()

func show(name string, made func() (any, error)) {
	result, err := made()
	var said *pgconn.PgError
	if errors.As(err, &said) {
		result = []any{"error", said.Code, said.Severity, said.Message, said.Detail, said.Hint, said.Position, said.Where, said.ConstraintName, said.Routine}
	} else if err != nil {
		result = "error " + err.Error()
	}
	fmt.Printf("pgx: %s\t%s\n", name, strings.ReplaceAll(fmt.Sprintf("%v", result), "\n", "\\n"))
}

func rows(found pgx.Rows, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	defer found.Close()
	all := []any{}
	for found.Next() {
		values, err := found.Values()
		if err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	return []any{all, found.CommandTag().String()}, found.Err()
}

const types = `select 1::int2, 2::int8, 1.5::float8, true, 'x'::text, '\x0001'::bytea, date '2026-11-26', timestamptz '2026-01-01 00:00Z' at time zone 'UTC', '{1,2}'::int4[], '{"a": 1}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, null`

func open(mode pgx.QueryExecMode) *pgx.Conn {
	config, err := pgx.ParseConfig("")
	if err != nil {
		panic(err)
	}
	config.DefaultQueryExecMode = mode
	made, err := pgx.ConnectConfig(background, config)
	if err != nil {
		panic(err)
	}
	return made
}

func main() {
	modes := []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol}
	for _, mode := range modes {
		conn := open(mode)
		in := func(name string) string { return name + " (" + mode.String() + ")" }
		show(in("types"), func() (any, error) { return rows(conn.Query(background, types)) })
		show(in("parameters"), func() (any, error) {
			all := []any{}
			for n := 0; n < 5; n++ {
				one, err := rows(conn.Query(background, "select $1::int + 1, $2::text, $3::bytea", n, "ü", []byte{0, 255}))
				if err != nil {
					return nil, err
				}
				all = append(all, one)
			}
			return all, nil
		})
		show(in("an error"), func() (any, error) { return rows(conn.Query(background, "select nothing from items")) })
		show(in("an error while rows come"), func() (any, error) {
			return rows(conn.Query(background, "select 10 / (5 - n) from generate_series(1, 9) n"))
		})
		show(in("a batch"), func() (any, error) {
			batch := &pgx.Batch{}
			for n := 0; n < 5; n++ {
				batch.Queue("select $1::int", n)
			}
			results := conn.SendBatch(background, batch)
			all := []any{}
			for n := 0; n < 5; n++ {
				one, err := rows(results.Query())
				if err != nil {
					return nil, err
				}
				all = append(all, one)
			}
			return all, results.Close()
		})
		show(in("a batch with an error"), func() (any, error) {
			batch := &pgx.Batch{}
			batch.Queue("select 1")
			batch.Queue("select 1/$1::int", 0)
			batch.Queue("select 3")
			return nil, conn.SendBatch(background, batch).Close()
		})
		show(in("a transaction in a transaction"), func() (any, error) {
			tx, err := conn.Begin(background)
			if err != nil {
				return nil, err
			}
			defer tx.Rollback(background)
			inner, err := tx.Begin(background)
			if err != nil {
				return nil, err
			}
			_, failed := inner.Exec(background, "select 1/0")
			inner.Rollback(background)
			one, err := rows(tx.Query(background, "select 'on'"))
			return []any{one, failed != nil}, err
		})
		conn.Close(background)
	}
	conn := open(pgx.QueryExecModeCacheStatement)
	show("copying", func() (any, error) {
		if _, err := conn.Exec(background, "create temp table cg(a int, b text)"); err != nil {
			return nil, err
		}
		source := [][]any{}
		for n := 0; n < 1000; n++ {
			source = append(source, []any{n, fmt.Sprint("row ", n)})
		}
		in, err := conn.CopyFrom(background, pgx.Identifier{"cg"}, []string{"a", "b"}, pgx.CopyFromRows(source))
		if err != nil {
			return nil, err
		}
		var out strings.Builder
		tag, err := conn.PgConn().CopyTo(background, &out, "copy (select * from cg order by a limit 3) to stdout")
		return []any{in, tag.String(), out.String()}, err
	})
	show("large objects", func() (any, error) {
		tx, err := conn.Begin(background)
		if err != nil {
			return nil, err
		}
		defer tx.Rollback(background)
		large := tx.LargeObjects()
		oid, err := large.Create(background, 0)
		if err != nil {
			return nil, err
		}
		object, err := large.Open(background, oid, pgx.LargeObjectModeRead|pgx.LargeObjectModeWrite)
		if err != nil {
			return nil, err
		}
		wrote, err := object.Write([]byte("0123456789"))
		return wrote, err
	})
	show("notifications", func() (any, error) {
		if _, err := conn.Exec(background, "listen there; notify there, 'x'"); err != nil {
			return nil, err
		}
		bounded, stop := context.WithTimeout(background, 20*time.Second)
		defer stop()
		heard, err := conn.WaitForNotification(bounded)
		if err != nil {
			return nil, err
		}
		return heard.Channel + " " + heard.Payload, nil
	})
	show("several statements", func() (any, error) {
		results, err := conn.PgConn().Exec(background, "select 1; select 2; select 1/0; select 3").ReadAll()
		return len(results), err
	})
	show("a pipeline", func() (any, error) {
		pipeline := conn.PgConn().StartPipeline(background)
		pipeline.SendPrepare("ps", "select $1::int + 1", nil)
		pipeline.SendQueryPrepared("ps", [][]byte{[]byte("41")}, nil, nil)
		pipeline.SendQueryParams("select 1/0", nil, nil, nil, nil)
		if err := pipeline.Sync(); err != nil {
			return nil, err
		}
		pipeline.SendDeallocate("ps")
		if err := pipeline.Sync(); err != nil {
			return nil, err
		}
		all := []any{}
		for n := 0; n < 6; n++ {
			got, err := pipeline.GetResults()
			if reader, is := got.(*pgconn.ResultReader); is {
				read := reader.Read()
				all = append(all, fmt.Sprint(read.Rows, read.Err))
			} else {
				all = append(all, fmt.Sprintf("%T %v", got, err))
			}
		}
		return all, nil
	})
	show("a context that ends", func() (any, error) {
		own := open(pgx.QueryExecModeCacheStatement)
		bounded, stop := context.WithTimeout(background, 300*time.Millisecond)
		defer stop()
		_, err := own.Exec(bounded, "select pg_sleep(60)")
		return errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err), nil
	})
	conn.Close(background)
}
