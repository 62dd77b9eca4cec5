package io.election.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.election.store.jdbc.JdbcConnectionSetup;
import io.election.store.jdbc.JdbcCredentials;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.util.ClassUtils;

/**
 * How a pool of HikariCP reaches its database.
 */
final class HikariJdbcAccess {

	private HikariJdbcAccess() {
	}

	/**
	 * How a DataSource reaches its database, {@code null} if it is not a HikariCP pool,
	 * or does not say.
	 */
	static @Nullable JdbcAccess find(DataSource dataSource) {
		HikariDataSource pool = unwrap(dataSource);
		if (pool == null) {
			return null;
		}
		// Asked for at each connect, through what may be a proxy for another pool by then
		Supplier<JdbcCredentials> credentials = () -> {
			HikariDataSource current = unwrap(dataSource);
			return credentials((current != null) ? current : pool);
		};
		if (pool.getDataSource() != null) {
			return ofDriver(pool, pool.getDataSource(), credentials);
		}
		if (pool.getDataSourceClassName() != null) {
			return ofDriver(pool, newDataSource(pool.getDataSourceClassName(), pool.getDataSourceProperties()),
					credentials);
		}
		return (pool.getJdbcUrl() != null) ? new JdbcAccess(DataSourceProperties.ORIGIN, pool.getJdbcUrl(), credentials,
				pool.getDriverClassName(), asMap(pool.getDataSourceProperties()), setup(pool), null) : null;
	}

	private static @Nullable HikariDataSource unwrap(DataSource dataSource) {
		return DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
	}

	/** In the order in which the pool itself looks for them. */
	private static JdbcCredentials credentials(HikariDataSource pool) {
		Credentials credentials = (pool.getCredentialsProvider() != null)
				? pool.getCredentialsProvider().getCredentials() : pool.getCredentials();
		return new JdbcCredentials(credentials.getUsername(), credentials.getPassword());
	}

	/**
	 * Transaction isolation and the like are those of elections, whatever the pool's are.
	 */
	private static JdbcConnectionSetup setup(HikariDataSource pool) {
		return new JdbcConnectionSetup(pool.getCatalog(), pool.getSchema(), pool.getConnectionInitSql());
	}

	/**
	 * How the driver's own kind of data source reaches its database. Those of PostgreSQL,
	 * MySQL and MariaDB all tell their URL, with the properties in it.
	 */
	private static @Nullable JdbcAccess ofDriver(HikariDataSource pool, DataSource driver,
			Supplier<JdbcCredentials> credentials) {
		JdbcAccess access = DataSourceProperties.findUrl(driver);
		return (access != null && access.url() != null) ? new JdbcAccess(access.origin(), access.url(),
				() -> first(credentials.get(), access.credentials().get()), null, access.properties(), setup(pool),
				null) : null;
	}

	private static JdbcCredentials first(JdbcCredentials pool, JdbcCredentials driver) {
		return new JdbcCredentials((pool.username() != null) ? pool.username() : driver.username(),
				(pool.password() != null) ? pool.password() : driver.password());
	}

	private static DataSource newDataSource(String className, Properties properties) {
		DataSource dataSource = (DataSource) BeanUtils
			.instantiateClass(ClassUtils.resolveClassName(className, HikariJdbcAccess.class.getClassLoader()));
		PropertyAccessorFactory.forBeanPropertyAccess(dataSource).setPropertyValues(properties);
		return dataSource;
	}

	private static Map<String, String> asMap(Properties properties) {
		Map<String, String> map = new LinkedHashMap<>();
		// Values need not be strings
		properties.forEach((name, value) -> map.put(name.toString(), value.toString()));
		return map;
	}

}
