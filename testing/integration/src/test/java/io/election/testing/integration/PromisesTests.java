package io.election.testing.integration;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link Promises}: it finds what is proven, and nothing else.
 */
class PromisesTests {

	private final List<String> a = new ArrayList<>();

	private final List<String> b = new ArrayList<>();

	@Test
	void findsNothingInAnOrdinaryHandOver() {
		granted(this.a, 10, 1);
		led(this.a, 1, 12, 13, 40, 41);
		revoked(this.a, 45, 1, false);
		granted(this.b, 50, 2);
		led(this.b, 2, 52, 53, 90, 91);
		granted(this.a, 100, 3);
		assertThat(violations()).isEmpty();
	}

	@Test
	void findsTwoLeaders() {
		led(this.a, 1, 10, 11, 40, 41);
		led(this.b, 2, 30, 31, 60, 61);
		assertThat(violations()).singleElement().asString().startsWith("Two leaders");
	}

	@Test
	void findsOneLeaderWithinTheTermOfAnother() {
		led(this.a, 1, 10, 11, 40, 41);
		led(this.b, 2, 20, 21, 20, 21);
		assertThat(violations()).singleElement().asString().startsWith("Two leaders");
	}

	@Test
	void doesNotTakeTheTimeAroundACallForLeadership() {
		// The process was suspended between the clock and the call, or the call and the
		// clock
		led(this.a, 1, 10, 11, 40, 500);
		led(this.b, 2, 50, 400, 600, 601);
		assertThat(violations()).isEmpty();
	}

	@Test
	void doesNotMixUpElections() {
		this.a.add("@led one 1 10 11 40 41");
		this.b.add("@led two 1 20 21 30 31");
		assertThat(violations()).isEmpty();
	}

	@Test
	void findsTokensThatDoNotIncrease() {
		led(this.a, 5, 10, 11, 40, 41);
		led(this.b, 5, 50, 51, 60, 61);
		assertThat(violations()).singleElement().asString().startsWith("Tokens do not increase");
	}

	@Test
	void findsATermThatWasInterrupted() {
		led(this.a, 1, 10, 11, 20, 21);
		led(this.a, 1, 30, 31, 40, 41);
		assertThat(violations()).singleElement().asString().startsWith("A broken term");
	}

	@Test
	void findsATokenThatIsGrantedTwice() {
		granted(this.a, 10, 1);
		granted(this.b, 20, 1);
		assertThat(violations()).singleElement().asString().startsWith("The same token");
	}

	@Test
	void findsEventsThatDoNotAlternate() {
		granted(this.a, 10, 1);
		granted(this.a, 20, 2);
		revoked(this.b, 30, 3, false);
		assertThat(violations()).satisfiesExactly((first) -> assertThat(first).contains("although not revoked"),
				(second) -> assertThat(second).endsWith("ends null"));
	}

	@Test
	void findsLeadershipThatWasRevoked() {
		granted(this.a, 10, 1);
		led(this.a, 1, 12, 13, 60, 61);
		revoked(this.a, 50, 1, true);
		assertThat(violations()).satisfiesExactly((first) -> assertThat(first).endsWith("while isLeader() is true"),
				(second) -> assertThat(second).startsWith("Run").contains("after Event"));
	}

	@Test
	void takesTheLatestReportOfATerm() {
		led(this.a, 1, 10, 11, 10, 11);
		led(this.a, 1, 10, 11, 40, 41);
		led(this.b, 2, 30, 31, 60, 61);
		assertThat(violations()).singleElement().asString().startsWith("Two leaders");
	}

	private List<String> violations() {
		return Promises.violationsIn(List.of(NodeReports.parse("a", this.a), NodeReports.parse("b", this.b)));
	}

	private static void granted(List<String> node, long at, long token) {
		node.add("@granted " + at + " jobs " + token + " - true");
	}

	private static void revoked(List<String> node, long at, long token, boolean leads) {
		node.add("@revoked " + at + " jobs " + token + " RESIGNED " + leads);
	}

	private static void led(List<String> node, long token, long... instants) {
		node.add("@led jobs " + token + " " + instants[0] + " " + instants[1] + " " + instants[2] + " " + instants[3]);
	}

}
