import java.io.StringReader;
import java.io.StringWriter;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.*;
import org.postgresql.util.*;

/** JDBC: a line for each case, its name and what came of it. */
public class Jdbc {
  interface Case { Object run() throws Exception; }

  static void show(String name, Case made) {
    Object result;
    try {
      result = made.run();
    } catch (SQLException error) {
      ServerErrorMessage said = error instanceof PSQLException e ? e.getServerErrorMessage() : null;
      result = "error " + error.getSQLState() + " " + (said == null ? error.getMessage() : said.toString() + " " + said.getPosition() + " " + said.getRoutine());
    } catch (Exception error) {
      result = "exception " + error;
    }
    System.out.println(("jdbc: " + name + "\t" + result).replace("\n", "\\n"));
  }

  static List<List<Object>> rows(ResultSet found) throws SQLException {
    List<List<Object>> rows = new ArrayList<>();
    int columns = found.getMetaData().getColumnCount();
    while (found.next()) {
      List<Object> row = new ArrayList<>();
      for (int n = 1; n <= columns; n++) {
        Object value = found.getObject(n);
        row.add(value instanceof byte[] bytes ? Arrays.toString(bytes) : value instanceof java.sql.Array array ? array.toString() : value);
      }
      rows.add(row);
    }
    return rows;
  }

  static Connection open(String more) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    properties.setProperty("password", System.getenv("PGPASSWORD"));
    properties.setProperty("sslmode", "disable");
    return DriverManager.getConnection("jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE") + more, properties);
  }

  static final String TYPES = "select 1::int2, 2::int8, 1.5::float8, 12.50::numeric, true, 'x'::text, '\\x0001'::bytea, date '2026-11-26', time '12:34', timestamptz '2026-01-01 00:00Z', '{1,2}'::int[], '{\"a\": 1}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, null";

  public static void main(String[] args) throws Exception {
    for (String mode : List.of("", "?preferQueryMode=simple", "?preferQueryMode=extendedCacheEverything", "?prepareThreshold=1", "?binaryTransfer=false", "?reWriteBatchedInserts=true&defaultRowFetchSize=3")) {
      try (Connection made = open(mode); Statement statement = made.createStatement()) {
        show("types " + mode, () -> rows(statement.executeQuery(TYPES)));
        show("prepared " + mode, () -> {
          List<Object> all = new ArrayList<>();
          try (PreparedStatement prepared = made.prepareStatement("select ?::int + 1, ?::text")) {
            for (int n = 0; n < 8; n++) {
              prepared.setInt(1, n);
              prepared.setString(2, "ü" + n);
              all.add(rows(prepared.executeQuery()));
            }
          }
          return all;
        });
        show("batch " + mode, () -> {
          made.setAutoCommit(false);
          try (PreparedStatement prepared = made.prepareStatement("insert into items(id, label) values (?, ?)")) {
            for (int n = 0; n < 50; n++) {
              prepared.setInt(1, 1000 + n);
              prepared.setString(2, "batch " + n);
              prepared.addBatch();
            }
            return Arrays.stream(prepared.executeBatch()).sum() < 0 ? "no counts" : "counts";
          } finally {
            made.rollback();
            made.setAutoCommit(true);
          }
        });
        show("fetched in parts " + mode, () -> {
          made.setAutoCommit(false);
          try (Statement slow = made.createStatement()) {
            slow.setFetchSize(7);
            return rows(slow.executeQuery("select n from generate_series(1, 30) n"));
          } finally {
            made.commit();
            made.setAutoCommit(true);
          }
        });
        show("error " + mode, () -> rows(statement.executeQuery("select nothing from items")));
        show("error in a transaction " + mode, () -> {
          made.setAutoCommit(false);
          try {
            statement.execute("select 1");
            Savepoint point = made.setSavepoint("p");
            try { statement.execute("select 1/0"); } catch (SQLException expected) { made.rollback(point); }
            return rows(statement.executeQuery("select 'on'"));
          } finally {
            made.rollback();
            made.setAutoCommit(true);
          }
        });
      }
    }
    try (Connection made = open("")) {
      DatabaseMetaData meta = made.getMetaData();
      show("metadata: product", () -> meta.getDatabaseProductVersion());
      show("metadata: schemas", () -> rows(meta.getSchemas()));
      show("metadata: tables", () -> rows(meta.getTables(null, "public", "%", null)));
      show("metadata: columns", () -> rows(meta.getColumns(null, "public", "items", "%")));
      show("metadata: keys", () -> rows(meta.getPrimaryKeys(null, "public", "items")));
      show("metadata: imported keys", () -> rows(meta.getImportedKeys(null, "public", "items")));
      show("metadata: indexes", () -> rows(meta.getIndexInfo(null, "public", "items", false, false)));
      show("metadata: types", () -> rows(meta.getTypeInfo()).size() > 100);
      show("metadata: functions", () -> rows(meta.getFunctions(null, "public", "%")));
      show("metadata: procedures", () -> rows(meta.getProcedures(null, "public", "%")));
      show("metadata: keywords", () -> meta.getSQLKeywords().length() > 100);
      show("metadata: longest name", () -> meta.getMaxTableNameLength());
      show("metadata: privileges", () -> rows(meta.getTablePrivileges(null, "public", "items")));
      show("copying", () -> {
        CopyManager copy = ((PGConnection) made).getCopyAPI();
        made.createStatement().execute("create temp table cj(a int, b text)");
        long in = copy.copyIn("copy cj from stdin csv", new StringReader("1,a\n2,b\n"));
        StringWriter out = new StringWriter();
        copy.copyOut("copy cj to stdout", out);
        return in + " " + out;
      });
      show("large objects", () -> {
        made.setAutoCommit(false);
        try {
          LargeObjectManager manager = ((PGConnection) made).getLargeObjectAPI();
          long oid = manager.createLO();
          LargeObject large = manager.open(oid);
          large.write("0123456789".repeat(10_000).getBytes());
          large.seek(99_995);
          String read = new String(large.read(10));
          large.truncate(5);
          long size = large.size();
          large.close();
          manager.delete(oid);
          return read + " " + size;
        } finally {
          made.rollback();
          made.setAutoCommit(true);
        }
      });
      show("a procedure with OUT", () -> {
        try (CallableStatement call = made.prepareCall("call outs(?, ?, ?)")) {
          call.setInt(1, 1);
          call.registerOutParameter(2, Types.INTEGER);
          call.setInt(3, 21);
          call.registerOutParameter(3, Types.INTEGER);
          call.execute();
          return call.getInt(2) + " " + call.getInt(3);
        }
      });
      show("a timeout of the driver's", () -> {
        try (Statement slow = made.createStatement()) {
          slow.setQueryTimeout(1);
          return rows(slow.executeQuery("select pg_sleep(60)"));
        }
      });
      show("several results", () -> {
        Statement several = made.createStatement();
        List<Object> all = new ArrayList<>();
        boolean more = several.execute("select 1; select 2; update items set size = 1 where false");
        while (more || several.getUpdateCount() >= 0) {
          all.add(more ? rows(several.getResultSet()) : several.getUpdateCount());
          more = several.getMoreResults();
        }
        return all;
      });
      show("warnings", () -> {
        Statement noisy = made.createStatement();
        noisy.execute("do $$ begin raise notice 'one'; raise warning 'two'; end $$");
        return noisy.getWarnings() + " " + noisy.getWarnings().getNextWarning();
      });
    }
  }
}
