package io.election.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;

/**
 * Keeps the records of elections in a backend that all candidates share.
 * <p>
 * Calls block, come from one thread, one at a time, and end within the request timeout
 * that the store was made with, whatever the backend does. Only {@link #watch} has
 * threads and connections of its own, and {@link #close} may come from any thread while
 * calls are under way, which it ends. Each method that takes several elections serves
 * them with as few requests as the backend allows, and one that is busy does not hold up
 * the others. A store has no threads; those of a client library aside.
 * <p>
 * An exception means that nothing is known about any of the elections of the call: it may
 * have been carried out, in part or whole, or may yet be. The same is true of an election
 * that is missing in an answer. A store never retries (but on a new connection, if one
 * from an earlier call proves dead), never waits for its backend to come back and never
 * logs an outage: its caller does. Where the backend answered with an error that does not
 * heal by itself, the exception is an {@link UnusableBackendException}. After a failure
 * the next call starts afresh, with a new connection if need be.
 */
public interface LeaseStore extends AutoCloseable {

	/**
	 * Reads records.
	 * @param elections names of elections
	 * @return a record for each election that could be read
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	Map<String, LeaseRecord> read(Collection<String> elections) throws Exception;

	/**
	 * Takes leases whose records still are what the claims say.
	 * @param claims at most one for each election
	 * @return {@link Answer.Held}, {@link Answer.Refused} or {@link Answer.Busy} by
	 * election
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	Map<String, Answer> acquire(List<Claim> claims) throws Exception;

	/**
	 * Prolongs leases whose records still are of the given nonce, term and revision. The
	 * revision changes, the term does not.
	 * @param leases at most one for each election
	 * @return {@link Answer.Held} with the new revision, or {@link Answer.Refused}, by
	 * election
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	Map<String, Answer> renew(List<Lease> leases) throws Exception;

	/**
	 * Marks records vacant that still are of the given nonce and term, whatever their
	 * revision. A record that is not is left alone, and that is no error.
	 * @param leases at most one for each election
	 * @return {@link Answer.Released} by election
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	Map<String, Answer> release(List<Lease> leases) throws Exception;

	/**
	 * Tells of elections whose record may have changed. Blocks until the store is closed
	 * or the connection is lost, after which it may be called again; returns at once if
	 * the backend can give no hints. Hints may be missing, late or wrong; they cost or
	 * gain time, nothing else. Called by {@link Backend#watchers()} threads at once.
	 * @param hints called with {@link Hint#ANY} after the connection was made, then with
	 * every change of a leader that the backend tells of
	 * @return {@code false} if the backend gives no hints and need not be asked again
	 * @throws Exception if the connection could not be made or was lost
	 */
	boolean watch(Consumer<Hint> hints) throws Exception;

	/**
	 * Enters a candidate into the roster of the given elections or keeps it there. Needs
	 * to be repeated every {@link Registration#keep()}; an entry that is three times as
	 * old is gone.
	 * @param registration the candidate
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	void register(Registration registration) throws Exception;

	/**
	 * Removes a candidate from the roster of the given elections.
	 * @param registration the candidate and the elections that it leaves
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	void unregister(Registration registration) throws Exception;

	/**
	 * Reads the roster of an election.
	 * @param election its name
	 * @return the candidates, leading or not
	 * @throws Exception if the backend did not answer in time, or refused
	 */
	List<RosterEntry> candidates(String election) throws Exception;

	/**
	 * Ends connections and threads, and a call that is under way. Nothing is released.
	 */
	@Override
	void close();

}
