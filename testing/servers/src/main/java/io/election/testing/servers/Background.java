package io.election.testing.servers;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * What is done meanwhile, each on a thread of its own. The common pool has a single
 * thread on a machine of two cores, so that whatever waits there stops all others.
 */
public final class Background {

	private Background() {
	}

	/**
	 * Call something.
	 * @param <T> what it gives
	 * @param callable what to call
	 * @return its result, or what it threw
	 */
	public static <T> CompletableFuture<T> call(Callable<T> callable) {
		CompletableFuture<T> result = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				result.complete(callable.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}, "background");
		thread.setDaemon(true);
		thread.start();
		return result;
	}

}
