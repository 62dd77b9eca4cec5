package io.election.runtime;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.aop.support.AopUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.AbstractApplicationEventMulticaster;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.event.SmartApplicationListener;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Publishes an event to the listeners of an application context and its parents as they
 * do themselves, except that each listener is called on its own and on the calling
 * thread: whatever one throws, the next one is called. A context stops at the first
 * exception, and hands events over where its multicaster is asynchronous.
 */
public final class ContextListeners implements ApplicationEventPublisher {

	private static final Log logger = LogFactory.getLog(ContextListeners.class);

	/** How a multicaster finds its listeners; protected, since it is for subclasses. */
	private static final Method LISTENERS = listenersMethod();

	private final ApplicationContext context;

	private final Caller caller = new Caller();

	/**
	 * Creates a publisher.
	 * @param context the context whose listeners are called
	 */
	public ContextListeners(ApplicationContext context) {
		this.context = context;
	}

	/**
	 * Calls all listeners, and logs what each of them throws.
	 * @throws IllegalStateException if one of them has thrown something
	 */
	@Override
	public void publishEvent(Object event) {
		Assert.isInstanceOf(ApplicationEvent.class, event);
		List<String> failed = new ArrayList<>();
		forEach((ApplicationEvent) event, (listener, call) -> {
			String failure = listener + " failed on " + event.getClass().getSimpleName();
			if (!Safely.run(logger, failure, call)) {
				failed.add(listener);
			}
		});
		if (!failed.isEmpty()) {
			throw new IllegalStateException(
					"Listeners of " + event.getClass().getSimpleName() + " failed: " + String.join(", ", failed));
		}
	}

	/**
	 * Hands over each listener's name and what calls it, in their order.
	 */
	void forEach(ApplicationEvent event, BiConsumer<String, Runnable> calls) {
		ResolvableType type = ResolvableType.forInstance(event);
		for (ApplicationContext next = this.context; next != null; next = next.getParent()) {
			// A closed one has no listeners left
			if (next instanceof ConfigurableApplicationContext active && active.isActive()) {
				forEach(active, event, type, calls);
			}
		}
	}

	private void forEach(ConfigurableApplicationContext context, ApplicationEvent event, ResolvableType type,
			BiConsumer<String, Runnable> calls) {
		ApplicationEventMulticaster multicaster = context.getBeanFactory()
			.getBean(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
					ApplicationEventMulticaster.class);
		if (multicaster instanceof AbstractApplicationEventMulticaster) {
			for (ApplicationListener<?> listener : listeners(multicaster, event, type)) {
				calls.accept(nameOf(listener), () -> this.caller.invokeListener(listener, event));
			}
		}
		else { // keeps its listeners to itself
			calls.accept("a listener of " + multicaster.getClass().getName(),
					() -> multicaster.multicastEvent(event, type));
		}
	}

	@SuppressWarnings("unchecked")
	private static Collection<ApplicationListener<?>> listeners(ApplicationEventMulticaster multicaster,
			ApplicationEvent event, ResolvableType type) {
		Object listeners = ReflectionUtils.invokeMethod(LISTENERS, multicaster, event, type);
		Assert.state(listeners != null, "No listeners");
		return (Collection<ApplicationListener<?>>) listeners;
	}

	private static String nameOf(ApplicationListener<?> listener) {
		String id = (listener instanceof SmartApplicationListener smart) ? smart.getListenerId() : "";
		return "listener " + (StringUtils.hasText(id) ? id : AopUtils.getTargetClass(listener).getName());
	}

	private static Method listenersMethod() {
		Method method = ReflectionUtils.findMethod(AbstractApplicationEventMulticaster.class, "getApplicationListeners",
				ApplicationEvent.class, ResolvableType.class);
		Assert.state(method != null, "No getApplicationListeners(ApplicationEvent, ResolvableType)");
		ReflectionUtils.makeAccessible(method);
		return method;
	}

	/** Calls a listener as Spring does, which knows what to do about lambdas. */
	private static final class Caller extends SimpleApplicationEventMulticaster {

		@Override
		protected void invokeListener(ApplicationListener<?> listener, ApplicationEvent event) {
			super.invokeListener(listener, event);
		}

	}

}
