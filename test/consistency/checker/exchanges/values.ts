import type { Op, Value } from '../../history.ts'
import { show } from '../registers.ts'
import { type Exchange, type ExchangeHistory, requestOf } from './exchange.ts'
import { wayBeside } from './families.ts'
import { type Finding, finding } from './finding.ts'
import { MOVE_WINDOW, type Move, type Tree } from './tree.ts'

/** Where does each value that was read come from, and had its session ended? */
export function checkValues({ exchanges }: ExchangeHistory, tree: Tree, writes: ReadonlyMap<Value, Op>): Finding[] {
  const logouts = exchanges.filter(({ act, sent }) => act === 'logout' && sent !== '')
  return exchanges.flatMap((reader) => {
    if (reader.outcome !== 'ok' || reader.act !== 'read') return []
    const shown = reader.ops.find((op) => op.value !== null)
    if (!shown) return []
    const known = servedByOneWhoKnew(reader, exchanges, tree)
    const values = reader.ops.flatMap((op) => judge(reader, op, { tree, writes, logouts }) ?? [])
    return [...(known ? [known] : []), ...values.slice(0, 1)]
  })
}

interface About {
  readonly tree: Tree
  readonly writes: ReadonlyMap<Value, Op>
  readonly logouts: readonly Exchange[]
}

function judge(reader: Exchange, op: Op, { tree, writes, logouts }: About): Finding | undefined {
  if (typeof op.value !== 'string') return undefined
  const write = writes.get(op.value)
  const writer = write && tree.byId.get(requestOf(write))
  const said = `#${reader.id} returned ${op.key} = ${show(op.value)}`
  if (!write || !writer || write.client !== op.client || write.key !== op.key) {
    return finding('foreign', `${said}, which this client had not written there`, [writer, reader])
  }
  if (writer.outcome === 'fail') {
    return finding('failed-write-happened', `${said}, and #${writer.id} had said that it was not written`, [
      writer,
      reader,
    ])
  }
  if (!tree.ancestry(reader.under).includes(writer.under)) {
    const related = tree.ancestry(writer.under).some((id) => tree.ancestry(reader.under).includes(id))
    return related
      ? finding('forked', `${said}, which was stored after the session had left this id`, [writer, reader])
      : finding('resurrected', `${said} of another session`, [writer, reader])
  }
  const earlier = tookAlong(reader, writer, tree)
  if (earlier) {
    const why = `${said}, which it took along from an id that the session had left with #${earlier.id}`
    return finding('forked', why, [writer, earlier, tree.into(reader.under)?.login, reader])
  }
  return reader.stale ? undefined : afterLogout(reader, writer, { tree, logouts, said })
}

/**
 * A login that begins when the session has left its id gets at nothing: neither what was there nor what was stored since. Times are compared in full
 * milliseconds, as stores do: of two things within one, either may have come first.
 */
function tookAlong(reader: Exchange, writer: Exchange, tree: Tree): Exchange | undefined {
  for (let move = tree.into(reader.under); move; move = tree.into(move.from)) {
    if (writer.under === move.to) return undefined
    const { login, from } = move
    const began = Math.floor(login.began)
    const earlier = tree.loginsFrom(from).find((one) => Math.floor(one.finish) < began && tree.hasLeft(one))
    if (earlier) return earlier
  }
  return undefined
}

function afterLogout(
  reader: Exchange,
  writer: Exchange,
  { tree, logouts, said }: { tree: Tree; logouts: readonly Exchange[]; said: string },
): Finding | undefined {
  for (const logout of logouts) {
    if (logout.outcome !== 'ok' || logout.finish >= reader.invoke || writer.outcome !== 'ok') continue
    if (writer.finish >= logout.invoke) continue
    const way = wayDown(reader, logout, tree) ?? wayBeside(reader, logout, tree)
    if (!way) continue
    const excuse = { kind: 'late', after: reader.invoke - logout.finish } as const
    return finding(
      way.length > 0 ? 'survived-logout' : 'resurrected',
      `${said}, and #${logout.id} had ended that session`,
      [writer, ...way.map(({ login }) => login), logout, reader],
      excuse,
    )
  }
  return undefined
}

/** The moves from the id of the logout to that of the reader, where it is certain that the logout had to end the latter. */
function wayDown(reader: Exchange, logout: Exchange, tree: Tree): Move[] | undefined {
  const way = tree.way(logout.sent, reader.under)
  const [first] = way ?? []
  // Later than that, whoever has the old id ends nothing.
  if (first && logout.finish > first.login.invoke + MOVE_WINDOW) return undefined
  return way?.every((move) => isMoveBut(move, logout, tree)) ? way : undefined
}

/** Another logout may have come before the login, which then began a new session. */
function isMoveBut(move: Move, logout: Exchange, tree: Tree): boolean {
  const others = tree.logoutsAround(move.from, move.login.finish)
  return tree.isMove(move) && others.every((other) => other === logout)
}

/** A backend that has ended a session, or has been told, never shows it again, whatever it can reach. */
function servedByOneWhoKnew(reader: Exchange, all: readonly Exchange[], tree: Tree): Finding | undefined {
  const { under, invoke } = reader
  const here = all.filter(
    (one) => one.boot === reader.boot && one.backend === reader.backend && one.sent === under && one.finish < invoke,
  )
  const logout = here.find(({ act, acted }) => act === 'logout' && Number.isFinite(acted))
  if (logout && logout.outcome !== 'ok') {
    return finding(
      'logout-forgotten',
      `#${reader.id} was served by the backend that #${logout.id} had told of the logout`,
      [logout, reader],
    )
  }
  const told =
    logout ?? here.find((one) => one.act === 'read' && one.outcome === 'ok' && !one.stale && one.under !== under)
  if (!told || tree.logoutsBefore(under, told.finish).length === 0) return undefined
  return finding(
    'served-after-logout',
    `#${reader.id} was served by a backend that knew the end of that session since #${told.id}`,
    [told, reader],
  )
}
