package io.election.testing.web;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.election.testing.servers.Background;
import io.election.testing.servers.PostgresServer;
import io.election.testing.servers.PostgresVersion;

/**
 * Records what a Prometheus would read from real replicas over a real PostgreSQL, scene
 * by scene, once a second. To be run on demand, on a machine that does nothing else.
 */
public final class MetricsRecorder {

	private static final Path FILE = Path.of("src/test/resources", MetricsRecording.RESOURCE);

	private static final Duration DELAY = Duration.ofMillis(40);

	/** By how much a scrape may be late. */
	private static final Duration LATEST = Duration.ofSeconds(3);

	private final List<String> scenes = new ArrayList<>();

	private final SampleTable samples = new SampleTable();

	private final List<Replica> replicas;

	/** Has the URL of another database by mistake. */
	private final Replica stray;

	private long nextScrape;

	private MetricsRecorder(PostgresServer server) {
		server.createDatabase("staging");
		this.replicas = Stream.of("billing-1", "billing-2", "billing-3")
			.map((name) -> new Replica(name, server, "postgres"))
			.toList();
		this.stray = new Replica("billing-4", server, "staging");
	}

	/**
	 * Records.
	 * @param args none
	 */
	public static void main(String[] args) {
		int status = 1;
		try (PostgresServer server = new PostgresServer(PostgresVersion.V18)) {
			server.start();
			new MetricsRecorder(server).record();
			status = 0;
		}
		catch (Exception ex) {
			ex.printStackTrace();
		}
		// Replicas may still be there
		System.exit(status);
	}

	private void record() throws Exception {
		this.replicas.forEach(Replica::start);
		sleep(Duration.ofSeconds(2));
		this.nextScrape = System.nanoTime();
		scene("steady", 30, () -> {
		});
		scene("rolling restart", 40, () -> {
			for (Replica replica : this.replicas) {
				sleep(Duration.ofSeconds(5));
				replica.restart();
			}
		});
		scene("link of the leader cut", 20, () -> leader().link().freeze());
		scene("link of the leader repaired", 30, this::pass);
		scene("database down", 40, () -> this.replicas.forEach((replica) -> replica.link().refuse()));
		scene("database up", 30, this::pass);
		scene("database slow", 40, () -> this.replicas.forEach((replica) -> replica.link().delay(DELAY)));
		scene("database fast", 30, this::pass);
		scene("leaders resign", 40, () -> {
			for (int i = 0; i < 18; i++) {
				leader().resign();
				sleep(Duration.ofSeconds(2));
			}
		});
		scene("leaders stay", 50, () -> {
		});
		scene("a replica has another database", 30, this.stray::start);
		scene("that replica gone", 20, this.stray::close);
		scene("all replicas gone", 20, () -> this.replicas.forEach(Replica::close));
		Files.write(FILE, Stream.concat(this.scenes.stream(), this.samples.lines().stream()).toList());
		System.out.println("Recorded into " + FILE.toAbsolutePath());
	}

	/** Lets something happen, and reads metrics meanwhile. */
	private void scene(String name, int seconds, Action action) throws Exception {
		System.out.println("Scene: " + name);
		this.scenes.add("# " + seconds + " " + name);
		CompletableFuture<Void> done = Background.call((Callable<Void>) () -> {
			action.run();
			return null;
		});
		for (int i = 0; i < seconds; i++) {
			this.nextScrape += TimeUnit.SECONDS.toNanos(1);
			long ahead = this.nextScrape - System.nanoTime();
			if (ahead < -LATEST.toNanos()) {
				throw new IllegalStateException("This machine has other things to do");
			}
			sleep(Duration.ofNanos(Math.max(0, ahead)));
			scrape();
		}
		if (!done.isDone()) {
			throw new IllegalStateException("This scene is too short: " + name);
		}
		done.get();
	}

	private void scrape() throws InterruptedException {
		Map<String, String> read = new HashMap<>(this.stray.scrape());
		for (Replica replica : this.replicas) {
			read.putAll(replica.scrape());
		}
		this.samples.add(read);
	}

	private Replica leader() {
		return this.replicas.stream().filter(Replica::leads).findFirst().orElseThrow();
	}

	private void pass() {
		this.replicas.forEach((replica) -> replica.link().pass());
	}

	private static void sleep(Duration time) throws InterruptedException {
		TimeUnit.NANOSECONDS.sleep(time.toNanos());
	}

	/**
	 * What happens in a scene.
	 */
	private interface Action {

		void run() throws Exception;

	}

}
