package io.election.testing.benchmarks;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.context.support.GenericApplicationContext;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * An application that elects a leader with Spring Integration over JDBC. Reports events
 * and edges of {@code isLeader()}, and yields a while after each grant if told to.
 */
final class PeerNode {

	private PeerNode() {
	}

	/**
	 * Runs until it is killed.
	 * @param args URL, user, password, time to live and heart beat in milliseconds, after
	 * how many milliseconds to yield (0 for never)
	 */
	public static void main(String[] args) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl(args[0]);
		dataSource.setUsername(args[1]);
		dataSource.setPassword(args[2]);
		Duration timeToLive = Duration.ofMillis(Long.parseLong(args[3]));
		long heartBeat = Long.parseLong(args[4]);
		long yieldAfter = Long.parseLong(args[5]);
		GenericApplicationContext context = new GenericApplicationContext();
		context.registerBean(JdbcTransactionManager.class, () -> new JdbcTransactionManager(dataSource));
		context.registerBean(DefaultLockRepository.class, () -> new DefaultLockRepository(dataSource));
		context.registerBean(JdbcLockRegistry.class,
				() -> new JdbcLockRegistry(context.getBean(DefaultLockRepository.class), timeToLive));
		context.registerBean(LockRegistryLeaderInitiator.class, () -> {
			LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(
					context.getBean(JdbcLockRegistry.class), new Reporter(yieldAfter));
			initiator.setHeartBeatMillis(heartBeat);
			return initiator;
		});
		context.refresh();
		sample(context.getBean(LockRegistryLeaderInitiator.class));
	}

	private static void sample(LockRegistryLeaderInitiator initiator) {
		boolean led = false;
		while (true) {
			long before = System.nanoTime();
			boolean leads = initiator.getContext().isLeader();
			if (leads != led) {
				System.out.println((leads ? "@true " : "@false ") + before + " " + System.nanoTime());
				led = leads;
			}
			LockSupport.parkNanos(1_000_000);
		}
	}

	private static final class Reporter extends DefaultCandidate {

		private final long yieldAfter;

		private Reporter(long yieldAfter) {
			this.yieldAfter = yieldAfter;
		}

		@Override
		public void onGranted(Context context) {
			System.out.println("@granted " + System.nanoTime());
			if (this.yieldAfter > 0) {
				// Not here: this is the thread that has to give the lock back
				Thread thread = new Thread(() -> yieldLater(context));
				thread.setDaemon(true);
				thread.start();
			}
		}

		private void yieldLater(Context context) {
			Nodes.sleep(Duration.ofMillis(this.yieldAfter));
			System.out.println("@yield " + System.nanoTime());
			context.yield();
		}

		@Override
		public void onRevoked(Context context) {
			System.out.println("@revoked " + System.nanoTime());
		}

	}

}
