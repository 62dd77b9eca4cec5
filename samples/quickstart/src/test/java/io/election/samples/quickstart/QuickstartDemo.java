package io.election.samples.quickstart;

/**
 * Shows {@link QuickstartApplication} at work.
 */
public final class QuickstartDemo {

	private QuickstartDemo() {
	}

	public static void main(String[] args) {
		System.out.println("Placeholder of the demo of " + QuickstartApplication.class.getName());
	}

}
