package io.election.testing.servers;

/**
 * A statement that a server has executed, as its log tells.
 *
 * @param session the process id of the session that executed it
 * @param application the session's {@code application_name}
 * @param sql the statement, {@code BEGIN} and {@code COMMIT} being some too
 */
public record Statement(int session, String application, String sql) {

}
