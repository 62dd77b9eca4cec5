package io.election.runtime;

import java.time.Duration;
import java.util.Locale;

import io.election.ElectionReport.Transition;
import io.election.ElectionState;
import io.election.Leader;
import io.election.core.Answer;
import io.election.core.LeaseRecord;
import io.election.core.Request;
import io.election.store.Attributes;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the log says of an election, for operators: who leads at INFO, and at DEBUG what
 * was asked for and answered, which is why somebody else does.
 */
final class ElectionLog {

	/** Everything that operators read is logged here, with the election's name. */
	static final Log LOGGER = LogFactory.getLog("io.election");

	private ElectionLog() {
	}

	/** This candidate has changed its state. */
	static void moved(String election, Transition transition) {
		String line = prefix(election);
		if (transition.to() == ElectionState.LEADER) {
			LOGGER.info(line + "this candidate leads, token " + transition.fencingToken());
		}
		else if (transition.from() == ElectionState.LEADER) {
			LOGGER.info(line + "this candidate leads no more, token " + transition.fencingToken() + ", "
					+ transition.reason()
					+ (transition.reason().equals("STOPPED") ? "; it takes part no more" : "; now " + transition.to()));
		}
		else {
			line += transition.from() + " -> " + transition.to() + ", " + transition.reason();
			if (transition.from() == ElectionState.UNKNOWN || transition.to() == ElectionState.UNKNOWN) {
				LOGGER.debug(line);
			}
			else {
				LOGGER.info(line);
			}
		}
	}

	/** Another leads, or nobody. */
	static void leaderChanged(String election, @Nullable Leader leader) {
		if (leader == null) {
			LOGGER.debug(prefix(election) + "nobody leads");
		}
		else {
			LOGGER.info(prefix(election) + "'" + leader.candidateId() + "' leads, token " + leader.fencingToken());
		}
	}

	/** A request was answered, or was not. */
	static void answered(String election, Request request, Answer answer, Duration took) {
		if (LOGGER.isDebugEnabled()) {
			LOGGER.debug(
					prefix(election) + name(request) + " -> " + describe(answer) + ", after " + took.toMillis() + "ms");
		}
	}

	private static String describe(Answer answer) {
		if (answer instanceof Answer.Seen seen) {
			return describe(seen.record());
		}
		if (answer instanceof Answer.Refused refused) {
			return "refused: " + describe(refused.record());
		}
		if (answer instanceof Answer.Held held) {
			return "granted to this candidate, token " + held.lease().term();
		}
		if (answer instanceof Answer.Busy) {
			return "refused: somebody else is at work on the record";
		}
		return (answer instanceof Answer.Released) ? "released" : "no answer";
	}

	private static String describe(LeaseRecord record) {
		if (record instanceof LeaseRecord.Taken taken) {
			return "held by '" + Attributes.clean(taken.candidateId()) + "', token " + taken.term();
		}
		return record.getClass().getSimpleName().toLowerCase(Locale.ROOT) + ", last token " + record.term();
	}

	private static String name(Request request) {
		return request.getClass().getSimpleName().toLowerCase(Locale.ROOT);
	}

	/** What lines about an election begin with. */
	static String prefix(String election) {
		return "Election '" + election + "': ";
	}

}
