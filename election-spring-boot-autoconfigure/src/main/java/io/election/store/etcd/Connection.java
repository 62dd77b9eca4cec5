package io.election.store.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.LeaseOption;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A connection to etcd on which everything is bounded in time: what was not sent by then
 * never is. For one thread, but {@link #close} may come from another.
 */
class Connection implements AutoCloseable {

	/**
	 * With operations nested in each, below the 128 that etcd allows in a transaction by
	 * default.
	 */
	private static final int MOST_OPERATIONS = 100;

	private static final int LOADING_LIMIT_SECONDS = 60;

	private static final AtomicBoolean loaded = new AtomicBoolean();

	private final Client client;

	private final Duration grace;

	/** Of the requests of the call under way. */
	private volatile Deadline deadline = Deadline.after(0, TimeUnit.NANOSECONDS);

	/**
	 * Makes a connection, without contact to a server yet.
	 * @param client what it sends with
	 * @param grace how long to wait, after a deadline, for the reason why a request was
	 * not answered by then
	 */
	Connection(ClientBuilder client, Duration grace) {
		this.grace = grace;
		this.client = client.interceptor(new Bound()).build();
	}

	/**
	 * Loads the classes that requests need, without sending any. The first time, that
	 * takes longer than a server has to answer in.
	 */
	static void loadClasses(EtcdSettings settings) {
		if (loaded.getAndSet(true)) {
			return;
		}
		try (Connection unused = new Connection(settings.client(0), Duration.ZERO)) {
			Lease leases = unused.client.getLeaseClient();
			CompletableFuture
				.allOf(leases.grant(1), leases.keepAliveOnce(1), leases.timeToLive(1, LeaseOption.DEFAULT),
						unused.client.getKVClient().txn().commit())
				.orTimeout(LOADING_LIMIT_SECONDS, TimeUnit.SECONDS)
				.handle((done, failure) -> true)
				.join();
		}
	}

	/** Begins a call; what is sent for it ends by the given deadline. */
	void begin(Deadline deadline) {
		this.deadline = deadline;
	}

	/**
	 * Makes a lease.
	 * @param seconds its time to live at least
	 */
	Session grant(long seconds) throws Exception {
		LeaseGrantResponse granted = await(this.client.getLeaseClient().grant(seconds));
		return new Session(granted.getID(), granted.getTTL());
	}

	/** Keeps a lease alive for its full time, unless it is gone. */
	boolean keepAlive(Session session) throws Exception {
		return isAlive(session, this.client.getLeaseClient().keepAliveOnce(session.id()));
	}

	private boolean isAlive(Session session, CompletableFuture<LeaseKeepAliveResponse> keptAlive) throws Exception {
		try {
			return await(keptAlive).getTTL() >= session.seconds();
		}
		catch (Exception ex) {
			if (Failures.isLeaseGone(ex)) {
				return false;
			}
			throw ex;
		}
	}

	/** The keys that end with the lease. */
	List<ByteSequence> keys(Session session) throws Exception {
		LeaseOption option = LeaseOption.builder().withAttachedKeys().build();
		return await(this.client.getLeaseClient().timeToLive(session.id(), option)).getKeys();
	}

	/** Carries out operations that get. */
	List<GetResponse> get(List<Op> gets) throws Exception {
		return perform(gets).stream().flatMap((response) -> response.getGetResponses().stream()).toList();
	}

	/** Carries out transactions, each of them whole or not at all. */
	List<TxnResponse> attempt(List<Op> transactions) throws Exception {
		return perform(transactions).stream().flatMap((response) -> response.getTxnResponses().stream()).toList();
	}

	/**
	 * Carries out transactions that need a lease, and keeps it alive at the same time.
	 * @return their outcomes, {@code null} if the lease is gone
	 */
	@Nullable List<TxnResponse> attemptWhileAlive(Session session, List<Op> transactions) throws Exception {
		CompletableFuture<LeaseKeepAliveResponse> keptAlive = this.client.getLeaseClient().keepAliveOnce(session.id());
		try {
			List<TxnResponse> outcomes = attempt(transactions);
			return isAlive(session, keptAlive) ? outcomes : null;
		}
		catch (Exception ex) {
			if (Failures.isLeaseGone(ex)) {
				return null;
			}
			throw ex;
		}
	}

	/** Carries out operations, a hundred at a time. */
	List<TxnResponse> perform(List<Op> operations) throws Exception {
		List<TxnResponse> responses = new ArrayList<>();
		for (int from = 0; from < operations.size(); from += MOST_OPERATIONS) {
			List<Op> some = operations.subList(from, Math.min(from + MOST_OPERATIONS, operations.size()));
			responses.add(await(this.client.getKVClient().txn().Then(some.toArray(Op[]::new)).commit()));
		}
		return responses;
	}

	private <T> T await(CompletableFuture<T> answer) throws Exception {
		long patience = this.deadline.timeRemaining(TimeUnit.NANOSECONDS) + this.grace.toNanos();
		try {
			return answer.get(patience, TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	@Override
	public void close() {
		this.client.close();
	}

	/** Gives each request what is left of the time of its call. */
	private final class Bound implements ClientInterceptor {

		@Override
		public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
				Channel channel) {
			ClientCall<Q, R> call = channel.newCall(method, options.withDeadline(Connection.this.deadline));
			return "LeaseKeepAlive".equals(method.getBareMethodName()) ? new Once<>(call) : call;
		}

	}

	/**
	 * Sends one request. The library repeats each keep-alive as soon as it was answered,
	 * and etcd complains if the connection is closed before it has answered that, too.
	 */
	private static final class Once<Q, R> extends SimpleForwardingClientCall<Q, R> {

		private boolean sent;

		Once(ClientCall<Q, R> call) {
			super(call);
		}

		@Override
		public void sendMessage(Q request) {
			if (!this.sent) {
				this.sent = true;
				super.sendMessage(request);
			}
		}

	}

}
