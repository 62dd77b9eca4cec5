package io.election.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

import javax.sql.DataSource;

import io.election.store.jdbc.JdbcConnectionSetup;
import io.election.store.jdbc.JdbcCredentials;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * Reads from the properties of a DataSource how it reaches its database, under the names
 * that pools and drivers have for them. Boot's {@code DataSourceBuilder.derivedFrom}
 * would not do: it gets no password from Tomcat's pool, DBCP2 and UCP, and no properties
 * for the driver.
 */
final class DataSourceProperties {

	static final String ORIGIN = "the DataSource";

	private final BeanWrapper properties;

	private DataSourceProperties(DataSource dataSource) {
		this.properties = PropertyAccessorFactory.forBeanPropertyAccess(target(dataSource));
	}

	/** What is behind proxies and wrappers. */
	private static Object target(Object dataSource) {
		Object target = AopProxyUtils.getSingletonTarget(dataSource);
		if (target == null) {
			BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(dataSource);
			target = properties.isReadableProperty("targetDataSource") ? properties.getPropertyValue("targetDataSource")
					: null;
		}
		return (target != null) ? target(target) : dataSource;
	}

	/**
	 * How the DataSource reaches its database, {@code null} if it does not tell.
	 */
	static @Nullable JdbcAccess find(DataSource dataSource) {
		JdbcAccess access = findUrl(dataSource);
		if (access != null) {
			JdbcCredentials credentials = access.credentials().get();
			return (credentials.username() == null || credentials.password() != null) ? access : null;
		}
		return null;
	}

	/** The same where the password may come from elsewhere. */
	static @Nullable JdbcAccess findUrl(DataSource dataSource) {
		DataSourceProperties properties = new DataSourceProperties(dataSource);
		String url = properties.url();
		return (url != null) ? new JdbcAccess(ORIGIN, url, () -> new DataSourceProperties(dataSource).credentials(),
				properties.read("driverClassName"), properties.ofDriver(), properties.setup(), null) : null;
	}

	private @Nullable String url() {
		return first("jdbcUrl", "url", "URL");
	}

	/** Tomcat's pool tells its password in the second place only. */
	private JdbcCredentials credentials() {
		return new JdbcCredentials(first("username", "userName", "user"), first("poolProperties.password", "password"));
	}

	private Map<String, String> ofDriver() {
		Map<String, String> map = new LinkedHashMap<>();
		if (value("dbProperties") instanceof Properties properties) {
			properties.stringPropertyNames()
				.stream()
				.filter((name) -> !name.equals("user") && !name.equals("password"))
				.forEach((name) -> map.put(name, properties.getProperty(name)));
		}
		return map;
	}

	private JdbcConnectionSetup setup() {
		return new JdbcConnectionSetup(read("defaultCatalog"), read("defaultSchema"), read("initSQL"));
	}

	private @Nullable String first(String... names) {
		for (String name : names) {
			String value = read(name);
			if (value != null) {
				return value;
			}
		}
		return null;
	}

	private @Nullable String read(String name) {
		return (value(name) instanceof String text) ? text : null;
	}

	private @Nullable Object value(String name) {
		return this.properties.isReadableProperty(name) ? this.properties.getPropertyValue(name) : null;
	}

}
