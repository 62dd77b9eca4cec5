package io.election.test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipListener;
import io.election.RevocationReason;
import io.election.Subscription;
import io.election.test.BillingApplication.Story;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TestElections} with listeners that need real time, of which nothing of the
 * test's own time passes.
 */
@SpringBootTest(webEnvironment = WebEnvironment.NONE,
		properties = { "election.name=billing", "election.candidate.id=me" })
@AutoConfigureElection
class SlowListenersIT {

	@Autowired
	private TestElections elections;

	@Autowired
	private LeaderElection billing;

	@Autowired
	private Story story;

	@BeforeEach
	void beginAnew() {
		this.story.slow = false;
		this.story.events.clear();
	}

	@RepeatedTest(20)
	void whatIsDoneHasBeenToldToSubscribersAsWell() {
		List<String> told = new CopyOnWriteArrayList<>();
		try (Subscription subscription = this.billing.subscribe(new LeadershipListener() {

			@Override
			public void onGranted(Leadership leadership) {
				told.add(slowly("granted"));
			}

			@Override
			public void onRevoked(Leadership leadership, RevocationReason reason) {
				told.add(slowly("revoked"));
			}

		})) {
			this.elections.grant();
			assertThat(told).containsExactly("granted");
			this.elections.handOver("green");
			assertThat(told).containsExactly("granted", "revoked");
		}
	}

	@RepeatedTest(20)
	void listenersThatNeedTimeAreWaitedFor() {
		this.story.slow = true;
		this.elections.grant();
		this.billing.resign(Duration.ofMinutes(5));
		this.elections.grant();
		this.elections.expire();
		assertThat(this.story.events).containsExactly("granted billing", "me leads billing", "revoked billing RESIGNED",
				"another leads billing", "granted billing", "me leads billing", "revoked billing EXPIRED",
				"another leads billing");
	}

	private static String slowly(String news) {
		Story.pause();
		return news;
	}

}
