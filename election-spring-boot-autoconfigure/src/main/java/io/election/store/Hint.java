package io.election.store;

import io.election.core.LeaseRecord;
import org.jspecify.annotations.Nullable;

/**
 * A backend's word that the record of an election has changed. May be late or wrong.
 *
 * @param election the name of the election, empty where any may have changed
 * @param vacated the record as it is now if somebody has given the lease back and the
 * backend tells, else {@code null}
 */
public record Hint(String election, LeaseRecord.@Nullable Vacant vacated) {

	/** Any record may have changed, such as after a connection was made. */
	public static final Hint ANY = new Hint("", null);

	/**
	 * A hint that the record of an election has changed in whatever way.
	 * @param election the name of the election
	 * @return the hint
	 */
	public static Hint of(String election) {
		return new Hint(election, null);
	}

}
