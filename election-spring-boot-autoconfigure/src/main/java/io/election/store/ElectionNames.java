package io.election.store;

/**
 * What names of elections have to be like wherever they are kept: text of at most
 * {@value #MAX_LENGTH} characters without control characters. Names are compared by their
 * characters; case, accents and spaces at the end count.
 */
public final class ElectionNames {

	/** The most characters that a name may have. */
	public static final int MAX_LENGTH = 255;

	private ElectionNames() {
	}

	/**
	 * Refuses what cannot be a name.
	 * @param election the name of an election
	 * @throws IllegalArgumentException if it cannot be used
	 */
	public static void check(String election) {
		require(!election.isEmpty(), election, "is empty");
		require(election.length() <= MAX_LENGTH, election.substring(0, Math.min(20, election.length())) + "…",
				"has " + election.length() + " characters");
		require(election.chars().noneMatch(Character::isISOControl), election, "contains a control character");
		require(election.codePoints().noneMatch((point) -> Character.getType(point) == Character.SURROGATE), election,
				"contains half of a surrogate pair");
	}

	private static void require(boolean valid, String shown, String problem) {
		if (!valid) {
			throw new IllegalArgumentException("The name of an election must be 1 to " + MAX_LENGTH
					+ " characters long, without control characters, but \"" + Attributes.clean(shown) + "\" "
					+ problem);
		}
	}

}
