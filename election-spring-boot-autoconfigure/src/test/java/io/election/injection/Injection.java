package io.election.injection;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;

/**
 * The sites at which an error can be thrown, each of them once. Called by what an
 * {@link InjectingClassLoader} has loaded.
 */
public final class Injection {

	private static final List<Supplier<Error>> ERRORS = List.of(() -> new OutOfMemoryError("injected"),
			() -> new StackOverflowError("injected"), ThreadDeath::new, () -> new NoClassDefFoundError("injected"));

	private static final Injection CURRENT = new Injection();

	private final List<String> sites = new ArrayList<>();

	/** The sites that were reached while nothing was the matter. */
	private final BitSet reached = new BitSet();

	private final BitSet thrown = new BitSet();

	private boolean armed;

	/** Whether an error was thrown since the injection was armed. */
	private boolean disturbed;

	private String latest = "";

	private Injection() {
	}

	/** The one that is called. */
	public static Injection current() {
		return CURRENT;
	}

	/** Adds a site, and returns its number. */
	synchronized int add(String site) {
		this.sites.add(site);
		return this.sites.size() - 1;
	}

	/** Called at a site, by threads of elections among others. */
	public static void at(int site) {
		if (Thread.currentThread().getName().startsWith("election")) {
			CURRENT.reach(site);
		}
	}

	private synchronized void reach(int site) {
		if (!this.disturbed) {
			this.reached.set(site);
		}
		if (this.armed && !this.thrown.get(site)) {
			this.armed = false;
			this.disturbed = true;
			Error error = ERRORS.get(this.thrown.cardinality() % ERRORS.size()).get();
			this.thrown.set(site);
			this.latest = error.getClass().getSimpleName() + " at " + this.sites.get(site);
			throw error;
		}
	}

	/** Has the next site throw that has not thrown yet; all is well again. */
	public synchronized void arm() {
		this.armed = true;
		this.disturbed = false;
	}

	/**
	 * Has no site throw any more.
	 * @return whether one has thrown since the injection was armed
	 */
	public synchronized boolean disarm() {
		this.armed = false;
		return this.disturbed;
	}

	/** What was thrown last, and where. */
	public synchronized String latest() {
		return this.latest;
	}

	/** How many sites have thrown. */
	public synchronized int thrown() {
		return this.thrown.cardinality();
	}

	/**
	 * The sites that never threw, although they were reached at other times than after an
	 * error.
	 */
	public synchronized List<String> missed() {
		BitSet missed = (BitSet) this.reached.clone();
		missed.andNot(this.thrown);
		return missed.stream().mapToObj(this.sites::get).toList();
	}

}
