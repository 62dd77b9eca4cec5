package io.election.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.election.ElectionObserver;
import io.election.LeaderElection;
import io.election.LeadershipRevokedEvent;
import io.election.testing.servers.Background;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A web application whose leader is stopped while requests come.
 */
class GracefulShutdownTests {

	private static final int CLIENTS = 4;

	private final HttpClient client = HttpClient.newHttpClient();

	private final AtomicBoolean enough = new AtomicBoolean();

	private final AtomicInteger answered = new AtomicInteger();

	@Test
	void leadershipGoesBeforeTheLastRequestAndNoRequestIsLost() throws Exception {
		try (ConfigurableApplicationContext leader = start("leader")) {
			await().until(leader.getBean(LeaderElection.class)::isLeader);
			try (ConfigurableApplicationContext follower = start("follower")) {
				Application leading = leader.getBean(Application.class);
				List<CompletableFuture<Boolean>> clients = new ArrayList<>();
				for (int i = 0; i < CLIENTS; i++) {
					clients.add(Background.call(() -> send(leader, follower)));
				}
				CompletableFuture<HttpResponse<String>> slow = Background.call(() -> get(leader, "/slow"));
				assertThat(leading.slowBegun.await(20, TimeUnit.SECONDS)).isTrue();
				await().until(() -> this.answered.get() > 100);
				CompletableFuture<Boolean> closed = Background.call(() -> {
					leader.close();
					return true;
				});
				await().until(follower.getBean(LeaderElection.class)::isLeader);
				await().until(() -> leading.story.contains("released"));
				leading.slowMayEnd.countDown();
				assertThat(closed.join()).isTrue();
				assertThat(slow.join().statusCode()).isEqualTo(200);
				int before = this.answered.get();
				await().until(() -> this.answered.get() > before + 100);
				this.enough.set(true);
				clients.forEach(CompletableFuture::join);
				assertThat(leading.story).containsExactly("refuses traffic", "revoked", "work done", "released",
						"slow request answered");
			}
		}
	}

	/**
	 * Sends each request to the next replica if one closes the connection, does not
	 * listen any more or is unavailable, as load balancers do with requests that may be
	 * repeated.
	 */
	private boolean send(ConfigurableApplicationContext first, ConfigurableApplicationContext second) throws Exception {
		while (!this.enough.get()) {
			if (!isAnswered(first)) {
				assertThat(get(second, "/").statusCode()).isEqualTo(200);
			}
			this.answered.incrementAndGet();
		}
		return true;
	}

	private boolean isAnswered(ConfigurableApplicationContext replica) throws Exception {
		try {
			HttpResponse<String> response = get(replica, "/");
			// Tomcat refuses with 400 what is arriving when it closes a connection
			assertThat(response.statusCode()).as(response.body()).isIn(200, 400, 503);
			return response.statusCode() == 200;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private HttpResponse<String> get(ConfigurableApplicationContext context, String path) throws Exception {
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		URI uri = URI.create("http://localhost:" + port + path);
		return this.client.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
				BodyHandlers.ofString());
	}

	private static ConfigurableApplicationContext start(String candidate) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.SERVLET)
			.properties("server.port=0", "server.shutdown=graceful", "election.backend=memory",
					"election.name=GracefulShutdownTests")
			.run("--election.candidate.id=" + candidate);
	}

	@Configuration
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	@RestController
	static class Application {

		/** What happened while the leader was stopped. */
		private final List<String> story = new CopyOnWriteArrayList<>();

		private final CountDownLatch slowBegun = new CountDownLatch(1);

		private final CountDownLatch slowMayEnd = new CountDownLatch(1);

		@GetMapping("/")
		String fast() {
			return "done";
		}

		@GetMapping("/slow")
		String slow() throws InterruptedException {
			this.slowBegun.countDown();
			this.slowMayEnd.await();
			this.story.add("slow request answered");
			return "done";
		}

		@EventListener
		void readiness(AvailabilityChangeEvent<ReadinessState> event) {
			if (event.getState() == ReadinessState.REFUSING_TRAFFIC) {
				this.story.add("refuses traffic");
			}
		}

		@EventListener
		void revoked(LeadershipRevokedEvent event) {
			this.story.add("revoked");
			CompletableFuture<String> work = Background.call(() -> "work done");
			this.story.add(work.join());
		}

		@Bean
		ElectionObserver releases() {
			return new ElectionObserver() {

				@Override
				public void attempted(String election, Attempt attempt, Outcome outcome, Duration took) {
					if (attempt == Attempt.RELEASE) {
						Application.this.story.add("released");
					}
				}

			};
		}

	}

}
