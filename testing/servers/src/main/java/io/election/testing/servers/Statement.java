package io.election.testing.servers;

/**
 * A statement that a server has executed, as its log tells.
 *
 * @param session the server's number of the session that executed it
 * @param application the session's {@code application_name}, where there is none its user
 * @param sql the statement, {@code BEGIN} and {@code COMMIT} being some too
 */
public record Statement(int session, String application, String sql) {

}
