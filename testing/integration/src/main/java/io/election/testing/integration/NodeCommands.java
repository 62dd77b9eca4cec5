package io.election.testing.integration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Collectors;

import io.election.ElectionReport;
import io.election.ElectionReports;
import io.election.Leader;
import io.election.LeaderElection;
import io.election.LeaderElections;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * What an {@link ElectionNode} can be told to do, by lines that each begin with an id to
 * answer to. Commands are carried out one after the other, on a thread that no part of
 * the starter knows.
 */
class NodeCommands {

	/** The status with which listeners exit. */
	static final int EXIT_STATUS = 3;

	private final NodeOutput output;

	private final ServerSocket listener;

	private NodeCommands(NodeOutput output, ServerSocket listener) {
		this.output = output;
		this.listener = listener;
	}

	static NodeCommands listen(NodeOutput output) {
		try {
			ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
			output.listening(listener.getLocalPort());
			return new NodeCommands(output, listener);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Carries out commands until whoever sends them is gone.
	 * @param context the application that has started
	 */
	void serve(ConfigurableApplicationContext context) {
		this.output.ready();
		try (this.listener;
				Socket socket = this.listener.accept();
				BufferedReader lines = new BufferedReader(
						new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				String[] words = line.split(" ");
				try {
					long begin = System.nanoTime();
					String result = carryOut(context, words);
					this.output.done(words[0], begin, System.nanoTime(), result);
				}
				catch (RuntimeException ex) {
					this.output.failed(words[0], ex);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			context.close();
			System.exit(0);
		}
	}

	private static String carryOut(ConfigurableApplicationContext context, String[] words) {
		switch (words[1]) {
			case "resign" -> election(context, words).resign();
			case "pause" -> election(context, words).pause();
			case "resume" -> election(context, words).resume();
			case "leads" -> {
				return String.valueOf(election(context, words).isLeader());
			}
			case "leader" -> {
				return election(context, words).leader().map(Leader::candidateId).orElse("");
			}
			case "lease-ends" -> {
				return leaseEnds(context);
			}
			case "block-granted" -> listener(context).onNextGranted(blocking(context, words));
			case "block-revoked" -> listener(context).onNextRevoked(blocking(context, words));
			case "exit-granted" -> listener(context).onNextGranted(() -> System.exit(EXIT_STATUS));
			case "exit-revoked" -> listener(context).onNextRevoked(() -> System.exit(EXIT_STATUS));
			case "stop" -> context.stop();
			case "start" -> context.start();
			case "threads" -> {
				return String.valueOf(ManagementFactory.getThreadMXBean().getThreadCount());
			}
			case "cpu" -> {
				return String.valueOf(ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos());
			}
			case "heap" -> {
				System.gc();
				return String.valueOf(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
			}
			case "fill-heap" -> Heap.fill(Duration.ofMillis(Long.parseLong(words[2])));
			case "error" -> {
				return String.valueOf(context.getBean(ElectionReports.class).report(words[2]).lastError());
			}
			case "time" -> {
				return Instant.now().toString();
			}
			default -> throw new IllegalArgumentException("No such command: " + words[1]);
		}
		return "";
	}

	private static LeaderElection election(ConfigurableApplicationContext context, String[] words) {
		return context.getBean(LeaderElections.class).get(words[2]);
	}

	/** When leases run out that are held and not renewed again, by election. */
	private static String leaseEnds(ConfigurableApplicationContext context) {
		ElectionReports reports = context.getBean(ElectionReports.class);
		return context.getBean(LeaderElections.class)
			.names()
			.stream()
			.map(reports::report)
			.filter((report) -> report.validFor() != null)
			.map((report) -> report.election() + "=" + leaseEnd(report))
			.collect(Collectors.joining(" "));
	}

	private static long leaseEnd(ElectionReport report) {
		return System.nanoTime() + Objects.requireNonNull(report.validFor())
			.plus(report.leaseDuration())
			.minus(report.renewDeadline())
			.toNanos();
	}

	private static NodeListener listener(ConfigurableApplicationContext context) {
		return context.getBean(NodeListener.class);
	}

	private static Runnable blocking(ConfigurableApplicationContext context, String[] words) {
		Duration time = Duration.ofMillis(Long.parseLong(words[2]));
		return () -> listener(context).block(time);
	}

}
