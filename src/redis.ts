export { type RedisClient, type RedisStoreOptions, redisStore } from './redis/redis-store.ts'
