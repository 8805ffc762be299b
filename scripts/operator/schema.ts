/** The schema as SQL, read from PostgreSQL's own catalogue: for db/schema.sql, where a migration shows its effect, and for dumps.
 *  The server from npm brings no pg_dump. */

import type { Queries } from "../../server/database.ts"

interface Table {
  readonly name: string
  readonly partitionKey: string | null
  readonly bound: string | null
  readonly parent: string | null
}

async function tables({ query }: Queries): Promise<readonly Table[]> {
  const { rows } = await query<{ name: string; partition_key: string | null; bound: string | null; parent: string | null }>(
    `select c.relname as name, pg_get_partkeydef(c.oid) as partition_key, pg_get_expr(c.relpartbound, c.oid) as bound, p.relname as parent
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
     where n.nspname = 'public' and c.relkind in ('r', 'p') order by (p.relname is not null), c.relname`,
  )
  return rows.map(({ name, partition_key, bound, parent }) => ({ name, partitionKey: partition_key, bound, parent }))
}

async function createTable({ query }: Queries, { name, partitionKey, bound, parent }: Table): Promise<string> {
  if (parent !== null) return `create table ${name} partition of ${parent} ${bound?.toLowerCase() ?? ""};\n`
  const { rows: columns } = await query<{ line: string }>(
    `select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [name],
  )
  // Not-null constraints stand with their columns; PostgreSQL 18 lists them a second time.
  const { rows: constraints } = await query<{ line: string }>(
    `select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
     from pg_constraint where conrelid = $1::regclass and contype in ('p', 'c', 'u') order by contype desc, conname`,
    [name],
  )
  const lines = [...columns, ...constraints].map(({ line }) => `  ${line}`).join(",\n")
  return `create table ${name} (\n${lines}\n)${partitionKey === null ? "" : ` partition by ${partitionKey.toLowerCase()}`};\n`
}

/** Foreign keys and plain indexes come after the rows they speak of. */
async function afterRows({ query }: Queries, { name, parent }: Table): Promise<readonly string[]> {
  if (parent !== null) return []
  const { rows } = await query<{ line: string }>(
    `select 'alter table ' || conrelid::regclass || ' add constraint ' || conname || ' ' || pg_get_constraintdef(oid) || ';' as line
     from pg_constraint where conrelid = $1::regclass and contype = 'f'
     union all
     select pg_get_indexdef(i.indexrelid) || ';' from pg_index i
     where i.indrelid = $1::regclass and not exists (select from pg_constraint where conindid = i.indexrelid) order by 1`,
    [name],
  )
  return rows.map(({ line }) => `${line}\n`)
}

/** The schema without partitions, which come and go with the days. */
export async function schemaSql(database: Queries): Promise<string> {
  const lasting = (await tables(database)).filter(({ parent }) => parent === null)
  const parts = ["-- Generated from the catalogue after all migrations: npm run schema. A test compares it.\n"]
  for (const table of lasting) parts.push(await createTable(database, table))
  for (const table of lasting) parts.push(...(await afterRows(database, table)))
  return parts.join("\n")
}

/** Everything: schema, partitions and rows, as SQL that `psql` takes into an empty database. */
export async function dumpSql(database: Queries): Promise<string> {
  const all = await tables(database)
  const parts: string[] = []
  for (const table of all) parts.push(await createTable(database, table))
  for (const { name, partitionKey } of all) if (partitionKey === null) parts.push(...(await rowsOf(database, name)))
  for (const table of all) parts.push(...(await afterRows(database, table)))
  return parts.join("\n")
}

async function rowsOf({ query }: Queries, name: string): Promise<readonly string[]> {
  const { rows: columns } = await query<{ attname: string }>(
    "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum",
    [name],
  )
  const values = columns.map(({ attname }) => `quote_nullable(${attname}::text)`).join(" || ', ' || ")
  const { rows } = await query<{ line: string }>(`select 'insert into ${name} values (' || ${values} || ');' as line from ${name}`)
  return rows.map(({ line }) => `${line}\n`)
}
