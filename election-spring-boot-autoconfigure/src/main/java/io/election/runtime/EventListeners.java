package io.election.runtime;

import java.util.function.BiConsumer;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/**
 * The listeners of an application, to be called one by one.
 */
@FunctionalInterface
interface EventListeners {

	/**
	 * Hands over the name of each listener of an event together with what calls it, in
	 * the order in which they are to be called.
	 */
	void forEach(ApplicationEvent event, BiConsumer<String, Runnable> calls);

	/**
	 * The listeners behind a publisher: of a context each on its own, of any other
	 * publisher all together.
	 */
	static EventListeners of(ApplicationEventPublisher publisher) {
		if (publisher instanceof ApplicationContext context) {
			return new ContextListeners(context)::forEach;
		}
		return (event, calls) -> calls.accept("a listener of " + event.getClass().getSimpleName(),
				() -> publisher.publishEvent(event));
	}

}
